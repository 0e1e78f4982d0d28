/// A value of a history as one machine word: three bits say what it is, the rest say which.
///
/// Scalars (null, truth values, numbers, strings) have one word each within a `ValueStore`, so that equal words are
/// equal scalars and checkers compare values without decoding them. Lists and maps are places in the store: equal ones
/// can have different words.
@frozen public struct ValueWord: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline enum Tag {
    @usableFromInline static let constant: UInt64 = 0
    @usableFromInline static let int: UInt64 = 1
    /// An integer of more than 61 bits, by its place in a table.
    @usableFromInline static let wideInt: UInt64 = 2
    @usableFromInline static let double: UInt64 = 3
    @usableFromInline static let string: UInt64 = 4
    @usableFromInline static let list: UInt64 = 5
    @usableFromInline static let map: UInt64 = 6
  }

  public let rawValue: UInt64

  /// The word of a `ListWords` element, or another one that a store gave out.
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable init(_ tag: UInt64, _ payload: UInt64) { rawValue = payload << 3 | tag }

  /// The low three bits of the word of an integer.
  public static let intTag = Tag.int

  public static let null = ValueWord(Tag.constant, 0)
  static let no = ValueWord(Tag.constant, 1)
  static let yes = ValueWord(Tag.constant, 2)

  @inlinable public static func bool(_ truth: Bool) -> ValueWord { ValueWord(Tag.constant, truth ? 2 : 1) }

  @inlinable var tag: UInt64 { rawValue & 7 }
  @inlinable var payload: UInt64 { rawValue >> 3 }

  @inlinable public var isNull: Bool { rawValue == 0 }
  /// Whether equal values have equal words.
  @inlinable public var isScalar: Bool { tag < Tag.list }
  @inlinable public var isList: Bool { tag == Tag.list }
  @inlinable public var isMap: Bool { tag == Tag.map }
  @inlinable var isString: Bool { tag == Tag.string }

  /// The integer, if this is one of at most 61 bits; `ValueStore.int` knows the others too.
  @inlinable public var smallInt: Int64? { tag == Tag.int ? Int64(bitPattern: rawValue) >> 3 : nil }

  /// The word of an integer; nil if it does not fit.
  @inlinable static func small(_ number: Int64) -> ValueWord? {
    let word = ValueWord(rawValue: UInt64(bitPattern: number << 3) | Tag.int)
    return Int64(bitPattern: word.rawValue) >> 3 == number ? word : nil
  }
}

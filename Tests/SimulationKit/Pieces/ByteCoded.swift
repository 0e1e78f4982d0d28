/// What cores send and keep: it travels as bytes, and must come back the same.
public protocol ByteCoded: Equatable, Sendable {
  /// The bytes.
  func encoded() -> [UInt8]
  /// Reads what ``encoded()`` wrote; throws if the bytes are anything else.
  init(decoding bytes: [UInt8]) throws
}

extension ByteCoded {
  /// Itself, by way of bytes; throws a ``Violation`` if that makes a difference.
  public func recoded() throws -> Self {
    let copy = try Self(decoding: encoded())
    guard copy == self else { throw Violation("Codec", "this changed on its way: \(self)") }
    return copy
  }
}

/// A scanner of one format, as far as the reader of events needs to know it: both formats share the rules of events.
protocol ValueScanner {
  var bytes: ByteScanner { get set }
  /// `exact` for all that is kept.
  var numbers: NumberRule { get set }

  /// One value, straight into the store.
  mutating func value(into store: inout ValueStore, depth: Int) throws(ScanError) -> ValueWord

  /// The format's null, if that comes next; it is taken.
  mutating func takeNull() throws(ScanError) -> Bool

  /// A text, if that comes next: a string, and in EDN a keyword or symbol.
  mutating func name() throws(ScanError) -> TextSpan?

  /// A number, if that comes next.
  mutating func numberIfNext() throws(ScanError) -> ScannedNumber?

  /// What may stand before a value: white space, in EDN commas and comments too.
  mutating func skipSpace() throws(ScanError)

  /// One event, from its opening brace, field by field.
  mutating func event(_ fields: inout EventFields, _ builder: inout HistoryBuilder) throws(ScanError)
}

/// Deepest nesting accepted, in levels: a limit against input that would exhaust the stack.
let nestingMax = 256

extension ValueScanner {
  /// The word of a text.
  @inline(__always)
  mutating func word(_ span: TextSpan, into store: inout ValueStore) throws(ScanError) -> ValueWord {
    guard let word = bytes.withBytes(span, { store.word(validating: $0) }) else {
      throw ScanError("the string is not UTF-8", at: span.start)
    }
    return word
  }

  /// A list of the words that were put on the stack since `mark`.
  @inline(__always)
  mutating func list(from mark: Int, into store: inout ValueStore) -> ValueWord {
    let list = store.list(raw: bytes.scratch.stack.pointee.words(from: mark))
    bytes.scratch.stack.pointee.cut(to: mark)
    return list
  }

  /// A map of the keys and values in turn that were put on the stack since `mark`; nil if a key comes twice and
  /// `lastWins` does not settle it.
  mutating func map(from mark: Int, lastWins: Bool, into store: inout ValueStore) -> ValueWord? {
    defer { bytes.scratch.stack.pointee.cut(to: mark) }
    if !isSorted(from: mark, store) {
      guard sort(from: mark, lastWins: lastWins, store) else { return nil }
    }
    return store.map(raw: bytes.scratch.stack.pointee.words(from: mark))
  }

  /// Whether the keys rise strictly, as they do in what we write.
  private func isSorted(from mark: Int, _ store: ValueStore) -> Bool {
    var place = mark + 2
    while place < bytes.scratch.stack.pointee.count {
      if !store.precedes(key(place - 2), key(place)) { return false }
      place += 2
    }
    return true
  }

  private func key(_ place: Int) -> ValueWord { ValueWord(rawValue: bytes.scratch.stack.pointee[place]) }

  /// Sorts the entries by key, in the order of their bytes; of equal keys the last one stays.
  private mutating func sort(from mark: Int, lastWins: Bool, _ store: ValueStore) -> Bool {
    let places = stride(from: mark, to: bytes.scratch.stack.pointee.count, by: 2).sorted { first, second in
      if bytes.scratch.stack.pointee[first] == bytes.scratch.stack.pointee[second] { return first < second }
      return store.precedes(key(first), key(second))
    }
    var entries: [UInt64] = []
    for place in places {
      if entries.count >= 2, entries[entries.count - 2] == bytes.scratch.stack.pointee[place] {
        guard lastWins else { return false }
        entries.removeLast(2)
      }
      entries.append(bytes.scratch.stack.pointee[place])
      entries.append(bytes.scratch.stack.pointee[place + 1])
    }
    bytes.scratch.stack.pointee.cut(to: mark)
    for entry in entries { bytes.scratch.stack.pointee.append(entry) }
    return true
  }
}

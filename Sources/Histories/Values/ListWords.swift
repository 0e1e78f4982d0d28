/// The lists and maps of a `ValueStore`, read in place; valid as long as the body of `ValueStore.withLists` runs.
@frozen public struct ListWords {
  @usableFromInline let arena: UnsafeBufferPointer<UInt64>

  @inlinable init(_ arena: UnsafeBufferPointer<UInt64>) { self.arena = arena }

  /// The raw words of the elements; nil if the value is no list.
  @inlinable public subscript(word: ValueWord) -> UnsafeBufferPointer<UInt64>? {
    guard word.isList else { return nil }
    let place = Int(word.payload)
    return UnsafeBufferPointer(rebasing: arena[place + 1..<place + 1 + Int(arena[place])])
  }

  /// The raw words of a map's keys and values in turn, sorted by key; nil if the value is no map.
  ///
  /// Keys are the words of strings.
  @inlinable public func entries(_ word: ValueWord) -> UnsafeBufferPointer<UInt64>? {
    guard word.isMap else { return nil }
    let place = Int(word.payload)
    return UnsafeBufferPointer(rebasing: arena[place + 1..<place + 1 + Int(arena[place])])
  }
}

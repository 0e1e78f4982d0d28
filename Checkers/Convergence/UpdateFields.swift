import Histories

/// Finds the parts of a value that is a map: what a system reports beside a value.
struct UpdateFields {
  /// The word of each name; nil where the history does not have it at all.
  private let (value, values, id, context, timestamp, visible): (UInt64?, UInt64?, UInt64?, UInt64?, UInt64?, UInt64?)
  private let lists: ListWords

  /// What is there of one value; null where it is not.
  struct Parts {
    /// Nil where there is none, null where it is null.
    var value: ValueWord?
    var id = ValueWord.null
    var context = ValueWord.null
    var timestamp = ValueWord.null
    var visible = ValueWord.null
  }

  init(_ store: ValueStore, _ lists: ListWords) {
    func word(_ name: String) -> UInt64? { store.find(.string(name))?.rawValue }
    (value, values, id) = (word("value"), word("values"), word("id"))
    (context, timestamp, visible) = (word("context"), word("timestamp"), word("visible"))
    self.lists = lists
  }

  /// The parts of a map, or a value that stands for itself.
  func parts(_ word: ValueWord) -> Parts {
    guard let entries = lists.entries(word) else { return Parts(value: word) }
    var parts = Parts()
    for place in stride(from: 0, to: entries.count, by: 2) {
      let (name, field) = (entries[place], ValueWord(rawValue: entries[place + 1]))
      if name == value || name == values {
        parts.value = field
      } else if name == id {
        parts.id = field
      } else if name == context {
        parts.context = field
      } else if name == timestamp {
        parts.timestamp = field
      } else if name == visible {
        parts.visible = field
      }
    }
    return parts
  }
}

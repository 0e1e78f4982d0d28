import Histories

/// Partition and value to message.
///
/// Most histories send each value to one partition only: one table of all values, which are dense, finds the first
/// message of each. Only where a value goes to several partitions are the others looked for by both.
struct MessageTable {
  private var values = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  /// By value, in order of first use: the first message that has it.
  private var first: [UInt32] = []
  /// By value and partition: the message, where it is not the first of its value.
  private var others = WordTable(tagBits: 0, directTag: 0)

  /// - Returns: the number that follows on the messages if there is no such message yet.
  mutating func id(_ word: ValueWord, _ partition: UInt32, _ messages: [LogColumns.Message]) -> UInt32 {
    let next = UInt32(truncatingIfNeeded: messages.count)
    let value = Int(values.intern(word.rawValue, next: UInt32(truncatingIfNeeded: first.count)))
    if value == first.count {
      first.append(next)
      return next
    }
    if messages[Int(first[value])].partition == partition { return first[value] }
    return others.intern(UInt64(value) << 32 | UInt64(partition), next: next)
  }
}

extension LogColumns {
  /// The call met the message at the slot.
  mutating func note(_ message: UInt32, at slot: UInt32, _ call: UInt32) {
    if slots[Int(slot)].message != message, !slots[Int(slot)].isShared {
      slots[Int(slot)].isShared = true
      others[slot] = (message, call)
    }
    let number = Int(message)
    if messages[number].slot == Self.never {
      messages[number].slot = slot
    } else if messages[number].slot != slot {
      let (known, offset) = (offsets(of: message), slots[Int(slot)].offset)
      if messages[number].otherSlot == Self.never { messages[number].otherSlot = slot }
      spreads[message] = min(known.lowerBound, offset)...max(known.upperBound, offset)
    }
  }
}

/// The proposals that this acceptor accepted, by slot. Slots up to `base` are gone, as a snapshot covers them. Others may
/// be empty: slots are decided independently, and messages get lost.
public struct SlotLog: Sendable {
  /// The last slot that was truncated.
  public private(set) var base: Slot = 0
  /// Slot `base + 1 + i` at position i; never ends with nil.
  private var proposals: [Proposal?] = []

  init() {}

  /// The highest slot in which something was accepted, or `base`.
  public var lastSlot: Slot { base + Slot(proposals.count) }

  /// What was accepted in a slot; nil where nothing was, or not any more.
  public subscript(slot: Slot) -> Proposal? {
    guard slot > base, slot <= lastSlot else { return nil }
    return proposals[Int(slot - base - 1)]
  }

  /// Puts a proposal in the place of what the slot held. Slots up to `base` do not change.
  mutating func record(_ proposal: Proposal, at slot: Slot) {
    guard slot > base else { return }
    while lastSlot < slot { proposals.append(nil) }
    proposals[Int(slot - base - 1)] = proposal
  }

  /// Forgets everything up to `slot`.
  mutating func truncate(through slot: Slot) {
    guard slot > base else { return }
    proposals.removeFirst(min(proposals.count, Int(slot - base)))
    base = slot
  }

  /// What was accepted from `first` on, without the empty slots.
  func votes(from first: Slot) -> [Vote] {
    guard first <= lastSlot else { return [] }
    return (max(first, base + 1)...max(lastSlot, base + 1)).compactMap { slot in
      self[slot].map { Vote(slot: slot, proposal: $0) }
    }
  }

  /// Proposals of consecutive slots from `first` to the first empty one, or `through`, within the limits but at least one.
  func run(from first: Slot, through last: Slot, _ limits: Limits) -> [Proposal] {
    var found: [Proposal] = []
    var bytes = 0
    var slot = first
    while slot <= last, found.count < limits.messageSlotsMax, let proposal = self[slot] {
      bytes += proposal.value.byteCount + 24
      if bytes > limits.messageBytesMax, !found.isEmpty { break }
      found.append(proposal)
      slot += 1
    }
    return found
  }
}

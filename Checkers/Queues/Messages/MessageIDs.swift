import Histories

/// Which message an id stands for, and what was released by ids.
///
/// Ids may be of messages or of deliveries; either way one stands for one message only. Where a queue gives out one id
/// with several, what is released by it may be each of these.
struct MessageIDs {
  /// Other messages of one id that are told apart: a queue that gives out one id with all would cost the square.
  private static let othersMax = 16
  private var ids = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  /// By id: its first delivery; `never` where no message came out under it.
  private var deliveries: [UInt32] = []
  /// By id: other messages that came out under it later, up to `othersMax`.
  private var others: [UInt32: [UInt32]] = [:]
  private var releases: [(id: UInt32, release: QueueObject.Release)] = []

  mutating func deliver(_ word: ValueWord, _ message: UInt32, delivery: UInt32, _ object: inout QueueObject) {
    let id = Int(intern(word))
    if deliveries[id] == QueueObject.never {
      deliveries[id] = delivery
    } else if object.deliveries[Int(deliveries[id])].message != message {
      object.sharedIDs.append((deliveries[id], delivery))
      let known = others[UInt32(id)] ?? []
      if known.count < Self.othersMax, !known.contains(message) { others[UInt32(id), default: []].append(message) }
    }
  }

  mutating func release(_ word: ValueWord, _ invocation: UInt32, completion: UInt32, _ isAck: Bool) {
    releases.append(
      (
        intern(word),
        QueueObject.Release(message: 0, invocation: invocation, completion: completion, isAck: isAck)
      ))
  }

  /// Gives the queue its releases, each with the message that came out under its id.
  func resolve(into object: inout QueueObject) {
    for (id, release) in releases {
      guard deliveries[Int(id)] != QueueObject.never else {
        object.strayReleases += 1
        if release.isAck { object.strayAcks.add(release.invocation, takesMany: false) }
        continue
      }
      var release = release
      release.message = object.deliveries[Int(deliveries[Int(id)])].message
      object.releases.append(release)
      release.isDoubtful = true
      let others = others[id] ?? []
      if others.count == Self.othersMax, release.isAck { object.strayAcks.addMany(from: release.invocation) }
      for message in others {
        release.message = message
        object.releases.append(release)
      }
    }
  }

  private mutating func intern(_ word: ValueWord) -> UInt32 {
    let id = ids.intern(word.rawValue, next: UInt32(deliveries.count))
    if id == deliveries.count { deliveries.append(QueueObject.never) }
    return id
  }
}

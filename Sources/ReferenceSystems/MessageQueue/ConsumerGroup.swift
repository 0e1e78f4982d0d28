/// Who consumes what, and how far: the state machine over the records of a group's partition.
///
/// A group's *generation* grows whenever somebody joins or leaves; then the partitions are dealt out anew, and a commit of
/// an earlier generation is refused. Deviation from Kafka: members do not negotiate (JoinGroup, SyncGroup); the assignment
/// follows from the sorted members, and a member learns of it with its next poll.
struct ConsumerGroup: Hashable, Sendable {
  /// What a poll learns.
  struct Assignment: Hashable, Sendable {
    var generation: UInt64
    /// The partitions of the member, and how far the group has consumed them.
    var offsets: [GroupOffset]
  }

  private(set) var generation: UInt64 = 0
  /// Ascending.
  private(set) var members: [Bytes] = []
  /// By topic and partition: the next offset to consume.
  private(set) var committed: [Bytes: [UInt32: Offset]] = [:]

  init() {}

  /// As a snapshot has it.
  init(generation: UInt64, members: [Bytes], committed: [Bytes: [UInt32: Offset]]) {
    self.generation = generation
    self.members = members
    self.committed = committed
  }

  func isMember(_ member: Bytes) -> Bool {
    let position = members.firstIndex { !$0.lexicographicallyPrecedes(member) }
    return position.map { members[$0] == member } ?? false
  }

  mutating func apply(_ command: GroupCommand, partitions: UInt32) -> Applied {
    switch command {
    case .poll(let member, let topic, let generation, let commits):
      if isMember(member) { _ = commit(topic, generation, commits) } else { join(member) }
      return .assignment(assignment(of: member, topic, partitions))
    case .commit(let member, let topic, let generation, let commits):
      return .outcome(isMember(member) && commit(topic, generation, commits) ? .done : .notMember)
    case .leave(let member):
      leave(member)
      return .outcome(.done)
    case .offsets(let topic):
      let all = (0..<partitions).map { GroupOffset(partition: $0, offset: committed[topic]?[$0] ?? 0) }
      return .assignment(Assignment(generation: generation, offsets: all))
    case .drained(let topic, let commits):
      generation += 1
      _ = commit(topic, generation, commits)
      return .outcome(.done)
    }
  }

  private mutating func join(_ member: Bytes) {
    members.insert(member, at: members.firstIndex { member.lexicographicallyPrecedes($0) } ?? members.count)
    generation += 1
  }

  private mutating func leave(_ member: Bytes) {
    guard isMember(member) else { return }
    members.removeAll { $0 == member }
    generation += 1
  }

  /// Offsets never go back.
  private mutating func commit(_ topic: Bytes, _ generation: UInt64, _ commits: [GroupOffset]) -> Bool {
    guard generation == self.generation else { return false }
    for commit in commits {
      committed[topic, default: [:]][commit.partition] = max(committed[topic]?[commit.partition] ?? 0, commit.offset)
    }
    return true
  }

  private func assignment(of member: Bytes, _ topic: Bytes, _ partitions: UInt32) -> Assignment {
    let offsets = owned(by: member, partitions).map { GroupOffset(partition: $0, offset: committed[topic]?[$0] ?? 0) }
    return Assignment(generation: generation, offsets: offsets)
  }

  /// The partitions are dealt out one by one, as by Kafka's round-robin assignor: each belongs to one member.
  func owned(by member: Bytes, _ partitions: UInt32) -> [UInt32] {
    guard let position = members.firstIndex(of: member) else { return [] }
    return (0..<partitions).filter { Int($0) % members.count == position }
  }
}

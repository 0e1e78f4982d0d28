/// The coordinator of a group: the leader of the group's partition (Kafka's group coordinator). A poll is a record of that
/// partition, then reads of the topic's partitions at their leaders.
extension Broker {
  /// A request that some broker passed on.
  mutating func receive(_ operation: Operation, _ name: RequestName, epoch: Epoch) {
    let id = operation.partition
    guard let partition = partitions[id] else { return context.reply(.notLeader, to: name, about: id) }
    guard id.kind == .group, partition.leading?.epoch == epoch else {
      return with(id) { $0.receiveRequest(operation, name, epoch: epoch, &$1) }
    }
    guard let group = currentGroup(id) else { return context.reply(.notLeader, to: name, about: id) }
    var isNew = false
    with(id) { isNew = $0.remember(name, $1) }
    guard isNew else { return }
    switch operation {
    case .poll(_, let member, let topic, let max): poll(id, group, member, topic, max, name)
    case .commit(_, let member, let topic): commit(id, group, member, topic, name)
    case .leave(_, let member): with(id) { $0.append(.group(.leave(member: member)), nil, .request(name), &$1) }
    case .drain(_, let topic):
      let poll = start(Coordinating.Poll(name: name, group: id, epoch: epoch, topic: topic, max: .max))
      with(id) { $0.append(.group(.offsets(topic: topic)), nil, .poll(poll), &$1) }
    default: break
    }
  }

  /// The group's state, when this broker leads and knows all that leaders before it committed.
  private func currentGroup(_ id: PartitionID) -> ConsumerGroup? {
    guard let partition = partitions[id], let leading = partition.leading,
      partition.highWatermark >= leading.startOffset, case .group(let group) = partition.machine
    else { return nil }
    return group
  }

  /// What this broker remembers of a group in this epoch.
  private func memory(of id: PartitionID) -> Coordinating.Group {
    let epoch = partitions[id]?.leading?.epoch ?? 0
    guard let known = coordinating.groups[id], known.epoch == epoch else { return Coordinating.Group(epoch: epoch) }
    return known
  }

  private mutating func start(_ poll: Coordinating.Poll) -> UInt64 {
    coordinating.lastPoll += 1
    coordinating.polls[coordinating.lastPoll] = poll
    return coordinating.lastPoll
  }

  private mutating func poll(
    _ id: PartitionID, _ group: ConsumerGroup, _ member: Bytes, _ topic: Bytes, _ max: Int, _ name: RequestName
  ) {
    var memory = memory(of: id)
    memory.lastSeen[member] = context.now
    coordinating.groups[id] = memory
    let command = GroupCommand.poll(
      member: member, topic: topic, generation: memory.generation, commits: commits(of: member, topic, group, memory))
    let poll = start(
      Coordinating.Poll(name: name, group: id, epoch: memory.epoch, topic: topic, member: member, max: max))
    with(id) { $0.append(.group(command), nil, .poll(poll), &$1) }
  }

  /// Behind what a member got in this generation.
  private func commits(
    of member: Bytes, _ topic: Bytes, _ group: ConsumerGroup, _ memory: Coordinating.Group
  ) -> [GroupOffset] {
    guard group.isMember(member), group.generation == memory.generation else { return [] }
    let isWrong = configuration.bug == .offsetCommittedBeforeDelivery
    let positions = isWrong ? memory.read[topic] : memory.positions[topic]
    return group.owned(by: member, configuration.partitions).compactMap { partition in
      positions?[partition].map { GroupOffset(partition: partition, offset: $0) }
    }
  }

  private mutating func commit(
    _ id: PartitionID, _ group: ConsumerGroup, _ member: Bytes, _ topic: Bytes, _ name: RequestName
  ) {
    let memory = memory(of: id)
    guard group.isMember(member), group.generation == memory.generation,
      memory.lastGeneration[member] == group.generation
    else {
      return context.reply(.outcome(.notMember), to: name, about: id)
    }
    let command = GroupCommand.commit(
      member: member, topic: topic, generation: memory.generation, commits: commits(of: member, topic, group, memory))
    with(id) { $0.append(.group(command), nil, .request(name), &$1) }
  }

  // MARK: Going on

  /// The record of a poll is applied, or was refused, or nobody knows.
  mutating func resume(_ number: UInt64, _ applied: Applied?) {
    guard var poll = coordinating.polls[number] else { return }
    guard let applied else {
      // Until something is drained, nothing was done that could not be done again.
      return end(number, with: poll.stage == .commit ? .outcome(.unknown) : .notLeader)
    }
    switch applied {
    case .outcome: end(number, with: .outcome(.polled(generation: poll.generation, chosen(poll, turn: 0))))
    case .assignment(let assignment):
      poll.stage = .partitions
      poll.generation = assignment.generation
      poll.missing = Set(assignment.offsets.map(\.partition))
      coordinating.polls[number] = poll
      read(assignment, number, poll)
      if poll.missing.isEmpty { deliver(number, poll) }
    }
  }

  /// Asks the leaders of the partitions.
  private mutating func read(_ assignment: ConsumerGroup.Assignment, _ number: UInt64, _ poll: Coordinating.Poll) {
    var memory = memory(of: poll.group)
    if poll.member != nil, memory.epoch == poll.epoch, memory.generation < assignment.generation {
      memory.generation = assignment.generation
      memory.positions = [:]
      memory.read = [:]
      coordinating.groups[poll.group] = memory
    }
    let knows = poll.member != nil && memory.epoch == poll.epoch && memory.generation == assignment.generation
    for offset in assignment.offsets {
      let position = knows ? memory.positions[poll.topic]?[offset.partition] : nil
      let from = max(offset.offset, position ?? 0)
      submit(
        .fetch(PartitionID(.topic, poll.topic, offset.partition), from: from, max: poll.max),
        for: .poll(number, partition: offset.partition), within: configuration.requestTimeout / 2)
    }
  }

  /// A partition of the topic was read, or not.
  mutating func resume(_ number: UInt64, partition: UInt32, _ outcome: Outcome) {
    guard var poll = coordinating.polls[number], poll.missing.remove(partition) != nil else { return }
    if case .records(let records, _) = outcome { poll.pages[partition] = records } else { poll.isIncomplete = true }
    coordinating.polls[number] = poll
    guard poll.missing.isEmpty else { return }
    if poll.member != nil { deliver(number, poll) } else { commitDrained(number, poll) }
  }

  /// Gives a member what was read, as far as it wants, and remembers that. Not if it lost its partitions meanwhile.
  private mutating func deliver(_ number: UInt64, _ poll: Coordinating.Poll) {
    var memory = memory(of: poll.group)
    guard memory.epoch == poll.epoch, currentGroup(poll.group)?.generation == poll.generation,
      memory.generation == poll.generation
    else { return end(number, with: .outcome(.polled(generation: poll.generation, []))) }
    memory.turn += 1
    if let member = poll.member { memory.lastGeneration[member] = poll.generation }
    let records = chosen(poll, turn: memory.turn)
    for record in records { memory.positions[poll.topic, default: [:]][record.partition] = record.offset + 1 }
    for (partition, page) in poll.pages {
      if let last = page.last { memory.read[poll.topic, default: [:]][partition] = last.offset + 1 }
    }
    coordinating.groups[poll.group] = memory
    end(number, with: .outcome(.polled(generation: poll.generation, records)))
  }

  /// The first records of the partitions in turn.
  private func chosen(_ poll: Coordinating.Poll, turn: Int) -> [ConsumedRecord] {
    let partitions = poll.pages.keys.sorted()
    guard !partitions.isEmpty else { return [] }
    let first = turn % partitions.count
    let rotated = partitions[first...] + partitions[..<first]
    return Array(rotated.lazy.flatMap { poll.pages[$0] ?? [] }.prefix(poll.max))
  }

  /// A drain answers when it is certain that nobody else will get the same.
  private mutating func commitDrained(_ number: UInt64, _ poll: Coordinating.Poll) {
    guard !poll.isIncomplete, partitions[poll.group]?.leading?.epoch == poll.epoch else {
      return end(number, with: .notLeader)
    }
    coordinating.polls[number]?.stage = .commit
    let commits = poll.pages.sorted { $0.key < $1.key }.compactMap { partition, page in
      page.last.map { GroupOffset(partition: partition, offset: $0.offset + 1) }
    }
    with(poll.group) { $0.append(.group(.drained(topic: poll.topic, commits: commits)), nil, .poll(number), &$1) }
  }

  private mutating func end(_ number: UInt64, with reply: Reply) {
    guard let poll = coordinating.polls.removeValue(forKey: number) else { return }
    context.reply(reply, to: poll.name, about: poll.group)
  }

  // MARK: Members that are silent

  /// A member that does not poll leaves. A new coordinator gives everybody a whole session.
  mutating func coordinationTick() {
    for id in partitionOrder where id.kind == .group {
      guard let group = currentGroup(id), let since = partitions[id]?.leading?.since else { continue }
      var memory = memory(of: id)
      for member in group.members
      where (memory.lastSeen[member] ?? since) + configuration.groupSession <= context.now {
        memory.lastSeen[member] = context.now
        coordinating.groups[id] = memory
        let poll = coordinating.lastPoll + 1  // nobody waits for it
        coordinating.lastPoll = poll
        with(id) { $0.append(.group(.leave(member: member)), nil, .poll(poll), &$1) }
      }
    }
  }
}

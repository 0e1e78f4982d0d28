import MessageQueue
import SimulationKit

// A node's shell.
extension Simulation {
  mutating func boot(_ node: Int) throws {
    // The final heal may have been faster than a planned restart.
    guard nodes[node].broker == nil else { return }
    let recovered = nodes[node].disk.recovered(options.canary)
    nodes[node].broker = try Broker(
      configuration(of: node), recovered: recovered, at: nodes[node].clock.time(at: now))
    nodes[node].life += 1
    nodes[node].diskBusyUntil = now
    nodes[node].snapshotBusyUntil = now
    nodes[node].batchIsOpen = false
    observer.restarted(nodes[node].id)
    occurrences.insert(.tick(node: node, life: nodes[node].life), at: now + random.time(0..<options.tickInterval))
  }

  private func configuration(of node: Int) -> Configuration {
    var configuration = Configuration(id: nodes[node].id, members: nodes.map(\.id))
    configuration.seed = seed &+ UInt64(nodes[node].life) << 32
    configuration.bug = options.bug
    configuration.replicas = min(3, options.nodes)
    configuration.minInsync = min(2, options.nodes)
    configuration.partitions = partitionCount
    configuration.electionTimeoutMin = 150 * millisecond
    configuration.electionTimeoutMax = 300 * millisecond
    configuration.replicaLag = 150 * millisecond
    configuration.fetchWait = 40 * millisecond
    configuration.retryInterval = 25 * millisecond
    configuration.requestTimeout = 500 * millisecond
    configuration.groupSession = 300 * millisecond
    configuration.snapshotBytes = options.snapshotBytes
    // In some seeds each message travels alone, so that one is lost and the next is not; and records a few at a time.
    configuration.limits.envelopeMessagesMax = seed.isMultiple(of: 2) ? 1 : 64
    configuration.limits.fetchRecordsMax = seed.isMultiple(of: 3) ? 3 : 100
    return configuration
  }

  /// Lets a node handle an event, does what it wants, and at the end of a batch checks every invariant.
  mutating func step(_ node: Int, _ event: Event) throws {
    let clock = nodes[node].clock.time(at: now)
    guard let directives = nodes[node].broker?.step(event, at: clock), let broker = nodes[node].broker else { return }
    if case .endOfBatch = event { try observer.stepped(nodes[node].id, broker) }
    if case .request = event { try observer.stepped(nodes[node].id, broker) }
    for directive in directives { try perform(directive, at: node) }
    if case .endOfBatch = event { return }
    guard !nodes[node].batchIsOpen else { return }
    nodes[node].batchIsOpen = true
    // Sometimes more input is waiting and the batch grows.
    let delay = random.chance(percent: 70) ? 0 : random.time(0..<500 * microsecond)
    occurrences.insert(.endOfBatch(node: node, life: nodes[node].life), at: now + delay)
  }

  private mutating func perform(_ directive: Directive, at node: Int) throws {
    switch directive {
    case .send(let messages, let to):
      for message in messages { result.count(message) }
      try transmit(messages, from: node, to: Int(to) - 1)
    case .persist(let batch): try write(batch, at: node)
    case .saveSnapshot(let snapshot):
      let snapshot = options.encodes ? try Snapshot(decoding: snapshot.encoded()) : snapshot
      let duration = random.time(millisecond..<60 * millisecond)
      nodes[node].snapshotBusyUntil = max(nodes[node].snapshotBusyUntil, now) + duration
      occurrences.insert(
        .snapshotDone(node: node, life: nodes[node].life, snapshot), at: nodes[node].snapshotBusyUntil)
    case .respond(let id, let outcome): try responded(to: id, outcome)
    case .leads(let partition, let epoch, true): try observer.led(partition, epoch, nodes[node].id)
    case .leads: break
    }
  }

  private mutating func transmit(_ messages: [Message], from: Int, to: Int) throws {
    let arrivals = network.arrivals(from: from, to: to, now: now, using: &random)
    guard !arrivals.isEmpty else { return }
    let received = options.encodes ? try Message.decoded(Message.encoded(messages)) : messages
    guard received == messages || !options.encodes else {
      throw Violation("Codec", "messages changed on their way: \(messages)")
    }
    for arrival in arrivals { occurrences.insert(.delivery(received, from: from, to: to), at: arrival) }
  }

  private mutating func write(_ batch: PersistBatch, at node: Int) throws {
    let written = options.encodes ? try PersistBatch(decoding: batch.encoded()) : batch
    guard written == batch || !options.encodes else { throw Violation("Codec", "a batch changed on its way") }
    nodes[node].disk.write(written)
    let duration =
      random.chance(percent: 3)
      ? random.time(5 * millisecond..<40 * millisecond) : random.time(50 * microsecond..<millisecond)
    nodes[node].diskBusyUntil = max(nodes[node].diskBusyUntil, now) + duration
    occurrences.insert(
      .diskDone(node: node, life: nodes[node].life, sequence: batch.sequence), at: nodes[node].diskBusyUntil)
  }
}

import DynamoRing
import SimulationKit

// A node's shell.
extension Simulation {
  mutating func boot(_ node: Int) throws {
    // The final heal may have been faster than a planned restart.
    guard nodes[node].core == nil else { return }
    let configuration = options.configuration(of: nodes[node].id, seed: seed, life: nodes[node].life)
    let clock = nodes[node].clock.reading(at: now)
    nodes[node].core = try DynamoNode(configuration, recovered: nodes[node].recovered(), at: clock)
    nodes[node].life += 1
    nodes[node].diskBusyUntil = now
    nodes[node].batchIsOpen = false
    queue.insert(.tick(node: node, life: nodes[node].life), at: now + random.time(0..<options.tickInterval))
  }

  /// Lets a node handle an event and does what it wants.
  mutating func step(_ node: Int, _ event: Event) throws {
    let clock = nodes[node].clock.reading(at: now)
    guard let directives = nodes[node].core?.step(event, at: clock) else { return }
    for directive in directives { try perform(directive, at: node) }
    if case .endOfBatch = event { return }
    guard !nodes[node].batchIsOpen else { return }
    nodes[node].batchIsOpen = true
    // Sometimes more input is waiting and the batch grows.
    let delay = random.chance(percent: 70) ? 0 : random.time(0..<500 * microsecond)
    queue.insert(.endOfBatch(node: node, life: nodes[node].life), at: now + delay)
  }

  private mutating func perform(_ directive: Directive, at node: Int) throws {
    switch directive {
    case .send(let message, let to): try transmit(message, from: node, to: Int(to) - 1)
    case .persist(let batch): try write(batch, at: node)
    case .saveSnapshot(let snapshot):
      queue.insert(
        .snapshotDone(node: node, life: nodes[node].life, snapshot.encoded()),
        at: now + random.time(millisecond..<60 * millisecond))
    case .respond(let id, let outcome): try responded(to: id, outcome)
    }
  }

  private mutating func transmit(_ message: Message, from: Int, to: Int) throws {
    result.count(message)
    let arrivals = network.arrivals(from: from, to: to, now: now, using: &random)
    guard !arrivals.isEmpty else { return }
    let received = options.encodes ? try Message(decoding: message.encoded()) : message
    guard received == message || !options.encodes else {
      throw BrokenInvariant("Codec", "a message changed on its way: \(message)")
    }
    for arrival in arrivals { queue.insert(.delivery(received, from: from, to: to), at: arrival) }
  }

  private mutating func write(_ batch: PersistBatch, at node: Int) throws {
    let written = options.encodes ? try PersistBatch(decoding: batch.encoded()) : batch
    guard written == batch || !options.encodes else { throw BrokenInvariant("Codec", "a batch changed on its way") }
    if batch.isWhole { result.newLogs += 1 }
    nodes[node].disk.write(written)
    let duration =
      random.chance(percent: 3)
      ? random.time(5 * millisecond..<40 * millisecond) : random.time(50 * microsecond..<millisecond)
    nodes[node].diskBusyUntil = max(nodes[node].diskBusyUntil, now) + duration
    queue.insert(
      .diskDone(node: node, life: nodes[node].life, sequence: batch.sequence), at: nodes[node].diskBusyUntil)
  }

  mutating func diskDone(_ node: Int, life: Int, sequence: PersistSequence) throws {
    guard nodes[node].life == life else { return }
    let isLie = options.canary == .lyingDisk && random.chance(percent: 70)
    if !isLie { nodes[node].disk.sync(upTo: sequence) }
    try step(node, .persisted(sequence))
  }
}

import CLinux
import Glibc
import Synchronization

/// The thread that judges packets and holds back those that must wait.
///
/// The kernel lets packets pass where it is too slow or gone: their number is not in anybody's evidence.
final class PacketDaemon: Sendable {
  /// Batches taken from one queue before others, and packets whose moment has come, get their turn.
  private static let batchesMax = 4

  private struct State: Sendable {
    var shaper = PacketShaper()
    var held = HeldPackets()
    /// Taken from the kernel.
    var taken = 0
    /// Of these: passed as they were, for want of room.
    var passed = 0
    var isEnding = false
  }

  /// What one thread takes packets with.
  private struct Hands: ~Copyable {
    let room = UnsafeMutableRawPointer.allocate(byteCount: Int(FL_QUEUE_ROOM_BYTES), alignment: 16)
    var packets = [fl_packet](repeating: fl_packet(), count: Int(FL_QUEUE_BATCH))
    var verdicts = PacketVerdicts()

    deinit { room.deallocate() }
  }

  private let queues: [PacketQueue]
  private let state = Mutex(State())
  private let alarm: ThreadAlarm

  /// Starts the thread. It takes the queues over and closes them when it ends.
  static func start(_ queues: [PacketQueue]) throws -> PacketDaemon {
    let daemon = PacketDaemon(queues, try ThreadAlarm())
    try startThread("faultline-pkt") { daemon.run() }
    return daemon
  }

  private init(_ queues: [PacketQueue], _ alarm: ThreadAlarm) {
    self.queues = queues
    self.alarm = alarm
  }

  /// Packets taken from the kernel since the start, and of these those that passed as they were, for want of room.
  var counts: (taken: Int, passed: Int) { state.withLock { ($0.taken, $0.passed) } }

  func impose(_ change: PacketChange, on flows: Set<Flow>, seed: UInt64) {
    state.withLock { state in
      state.shaper.impose(change, on: flows, seed: seed)
      show(state.shaper.needsWholePackets)
    }
  }

  /// Ends the rule of that kind, and lets go what is held on its links.
  func lift(_ kind: PacketChange.Kind) -> [Flow: PacketTally] {
    state.withLock { state in
      let tallies = state.shaper.lift(kind)
      show(state.shaper.needsWholePackets)
      state.held.hurry(Set(tallies.keys), at: monotonicNanoseconds())
      var verdicts = PacketVerdicts()
      release(&state, &verdicts)
      return tallies
    }
  }

  /// Lets everything go and ends the thread.
  func end() {
    state.withLock { $0.isEnding = true }
    alarm.ring()
  }

  private func show(_ wholePackets: Bool) {
    for queue in queues { queue.show(wholePackets: wholePackets) }
  }

  // MARK: - On the thread

  private func run() {
    let sources = queues.map(\.judge)
    var hands = Hands()
    var next: Int64?
    var isOver = false
    while !isOver {
      alarm.wait(for: sources, until: next)
      state.withLock { state in
        for site in queues.indices { take(site, &hands, &state) }
        if state.isEnding { state.held.hurryAll(at: monotonicNanoseconds()) }
        release(&state, &hands.verdicts)
        next = state.held.next
        isOver = state.isEnding
      }
    }
    for queue in queues { queue.close() }
  }

  private func take(_ site: Int, _ hands: inout Hands, _ state: inout State) {
    for _ in 0..<Self.batchesMax {
      let count = Int(fl_queue_receive(queues[site].judge, hands.room, &hands.packets))
      guard count > 0 else { return }
      state.taken += count
      let now = monotonicNanoseconds()
      for index in 0..<count { judge(hands.packets[index], site, now, &state, &hands.verdicts) }
      hands.verdicts.send(to: queues[site])
      if count < Int(FL_QUEUE_BATCH) { return }
    }
  }

  private func judge(
    _ packet: fl_packet, _ site: Int, _ now: Int64, _ state: inout State, _ verdicts: inout PacketVerdicts
  ) {
    let bytes = UnsafeRawBufferPointer(start: packet.bytes, count: packet.bytes == nil ? 0 : Int(packet.captured))
    guard let header = PacketHeader(bytes, length: Int(packet.length)),
      let judgement = state.shaper.judge(header, at: now)
    else { return verdicts.pass(packet.id, mark: PacketFates().mark, bytes: nil) }
    if judgement.release > now && state.held.isFull {
      state.passed += 1
      return verdicts.pass(packet.id, mark: PacketFates().mark, bytes: nil)
    }
    for todo in judgement.acts(on: bytes, header, id: packet.id) {
      let held = HeldPacket(
        release: todo.release, site: site, flow: header.flow, mark: todo.fates.mark, act: todo.act,
        bytes: header.length)
      if todo.release > now { state.held.push(held) } else { perform(held, &verdicts) }
    }
  }

  // MARK: - On any thread

  private func release(_ state: inout State, _ verdicts: inout PacketVerdicts) {
    let now = monotonicNanoseconds()
    var site = 0
    while let packet = state.held.pop(at: now) {
      // Verdicts are sent by queue: those of another one first.
      if packet.site != site { verdicts.send(to: queues[site]) }
      site = packet.site
      perform(packet, &verdicts)
    }
    verdicts.send(to: queues[site])
  }

  /// Bytes of our own follow the packet that they come after.
  private func perform(_ packet: HeldPacket, _ verdicts: inout PacketVerdicts) {
    switch packet.act {
    case .pass(let id, let bytes): verdicts.pass(id, mark: packet.mark, bytes: bytes)
    case .send(let bytes):
      verdicts.send(to: queues[packet.site])
      queues[packet.site].send(bytes, mark: packet.mark)
    }
  }
}

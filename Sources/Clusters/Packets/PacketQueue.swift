import CLinux
import Glibc

/// A place where the kernel shows us packets: the queue of one network namespace, and a socket to send our own from.
struct PacketQueue: Sendable {
  /// Queue number. Namespaces have queues of their own, so it need not be unique on the host.
  static let number: UInt16 = 0xFA17
  /// How many packets may wait in the kernel; more pass unseen.
  static let packetsMax: UInt32 = 32_768
  /// Enough for the longest IP and TCP headers.
  static let headerBytes: UInt32 = 128
  /// A whole packet of the usual 1500 bytes, and less than a slot of the room that packets are taken into.
  static let wholeBytes: UInt32 = 2048

  /// The netlink socket.
  let judge: Int32
  private let raw: Int32

  /// - Parameter network: nil is the controller's.
  static func open(in network: Int32?) throws -> PacketQueue {
    let judge = fl_queue_socket(network ?? -1)
    guard judge >= 0 else { throw ClusterError.system("opening a netfilter socket", errno: errno) }
    let error = fl_queue_bind(judge, number, packetsMax, headerBytes)
    guard error == 0 else {
      Glibc.close(judge)
      throw ClusterError.system("binding packet queue \(number)", errno: error)
    }
    let raw = fl_raw_socket(network ?? -1)
    guard raw >= 0 else {
      let error = errno
      Glibc.close(judge)
      throw ClusterError.system("opening a raw socket", errno: error)
    }
    return PacketQueue(judge: judge, raw: raw)
  }

  /// Whole packets, or headers only: a whole one takes several times the room in the kernel.
  func show(wholePackets: Bool) {
    _ = fl_queue_capture(judge, Self.number, wholePackets ? Self.wholeBytes : Self.headerBytes)
  }

  /// Refused only where the kernel lacks memory or a route for the packet: it is lost, as a packet may be.
  func send(_ packet: [UInt8], mark: UInt32) { _ = fl_raw_send(raw, mark, packet, packet.count) }

  func close() {
    Glibc.close(judge)
    Glibc.close(raw)
  }
}

/// Verdicts that are sent together.
struct PacketVerdicts {
  private var verdicts: [fl_verdict] = []
  private var changed: [[UInt8]] = []
  /// By place in `verdicts`: of `changed`.
  private var places: [(verdict: Int, bytes: Int)] = []

  var isEmpty: Bool { verdicts.isEmpty }

  mutating func pass(_ id: UInt32, mark: UInt32, bytes: [UInt8]?) {
    if let bytes {
      places.append((verdicts.count, changed.count))
      changed.append(bytes)
    }
    verdicts.append(fl_verdict(id: id, mark: mark, length: UInt32(bytes?.count ?? 0), bytes: nil))
  }

  /// Sends them, and is empty.
  mutating func send(to queue: PacketQueue) {
    defer {
      verdicts.removeAll(keepingCapacity: true)
      changed.removeAll()
      places.removeAll()
    }
    guard !isEmpty else { return }
    // One block for all changed bytes, which must not move while the verdicts point to them.
    var block: [UInt8] = []
    let starts = changed.map { bytes in
      defer { block += bytes }
      return block.count
    }
    block.withUnsafeBufferPointer { block in
      for place in places { verdicts[place.verdict].bytes = block.baseAddress.map { $0 + starts[place.bytes] } }
      _ = fl_queue_repeat(queue.judge, PacketQueue.number, verdicts, Int32(verdicts.count))
    }
  }
}

/// One thing to be done at a moment.
struct HeldPacket: Sendable {
  enum Act: Sendable {
    /// The packet that waits in the kernel under this number goes on, or these bytes in its place.
    case pass(id: UInt32, [UInt8]?)
    /// Bytes of our own are sent.
    case send([UInt8])
  }

  var release: Int64
  /// Among those of one moment the order of their coming counts; set by `HeldPackets`.
  fileprivate(set) var serial: UInt64 = 0
  /// Whose queue it is.
  var site: Int
  var flow: Flow
  var mark: UInt32
  var act: Act
  /// That waiting for it takes room for: its own, whoever keeps them.
  var bytes: Int

  init(release: Int64, site: Int, flow: Flow, mark: UInt32, act: Act, bytes: Int) {
    self.release = release
    self.site = site
    self.flow = flow
    self.mark = mark
    self.act = act
    self.bytes = bytes
  }

  fileprivate func precedes(_ other: HeldPacket) -> Bool {
    (release, serial) < (other.release, other.serial)
  }
}

/// Packets that wait for their moment, earliest first: a binary heap with bounds.
struct HeldPackets: Sendable {
  static let countMax = 16_384
  static let bytesMax = 32 << 20

  private var heap: [HeldPacket] = []
  private(set) var bytes = 0
  private var serial: UInt64 = 0

  var next: Int64? { heap.first?.release }
  var count: Int { heap.count }
  var isFull: Bool { heap.count >= Self.countMax || bytes >= Self.bytesMax }

  mutating func push(_ packet: HeldPacket) {
    var packet = packet
    packet.serial = serial
    serial += 1
    bytes += packet.bytes
    heap.append(packet)
    var place = heap.count - 1
    while place > 0, case let parent = (place - 1) / 2, heap[place].precedes(heap[parent]) {
      heap.swapAt(place, parent)
      place = parent
    }
  }

  /// The earliest one whose moment has come.
  mutating func pop(at now: Int64) -> HeldPacket? {
    guard let first = heap.first, first.release <= now else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    bytes -= first.bytes
    return first
  }

  private mutating func sink() {
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].precedes(heap[least]) {
        least = child
      }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }

  /// Lets those on these links go on now, in the order in which they would have gone.
  mutating func hurry(_ flows: Set<Flow>, at now: Int64) { hurry(at: now) { flows.contains($0.flow) } }

  /// Lets all go on now, in the order in which they would have gone.
  mutating func hurryAll(at now: Int64) { hurry(at: now) { _ in true } }

  private mutating func hurry(at now: Int64, _ isMeant: (HeldPacket) -> Bool) {
    let ordered = heap.sorted { $0.precedes($1) }
    heap = []
    bytes = 0
    for var packet in ordered {
      if isMeant(packet) { packet.release = min(packet.release, now) }
      push(packet)
    }
  }
}

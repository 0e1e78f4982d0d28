import Testing

@testable import Clusters

/// What a power failure takes back, against a twin that copies the whole file at every fsync.
@Suite struct UnsyncedFileTests {
  /// Content, and the durable one, the simplest way.
  private struct Twin {
    var current: [UInt8] = []
    var durable: [UInt8] = []
    var durableSerial = 0
    /// Fsyncs under way: their number and the content when they began.
    var pending: [(serial: Int, content: [UInt8])] = []
    var lastSerial = 0

    mutating func syncBegins() {
      lastSerial += 1
      pending.append((lastSerial, current))
    }

    mutating func syncEnds(_ place: Int, well: Bool) {
      let (serial, content) = pending.remove(at: place)
      guard well, serial > durableSerial else { return }
      (durable, durableSerial) = (content, serial)
    }

    mutating func losePower() {
      current = durable
      pending = []
    }
  }

  /// The content beneath, with the model that watches it.
  private struct Watched {
    var content: [UInt8] = []
    var model = UnsyncedFile()
    var syncs: [Int] = []

    mutating func write(_ bytes: [UInt8], at offset: Int) {
      let range = offset..<offset + bytes.count
      model.willWrite(range, size: content.count) { Array(content[$0]) }
      content += [UInt8](repeating: 0, count: max(0, range.upperBound - content.count))
      content.replaceSubrange(range, with: bytes)
    }

    mutating func resize(_ size: Int) {
      model.willChange(min(size, content.count)..<content.count, size: content.count) { Array(content[$0]) }
      content = Array(content.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - content.count))
    }

    mutating func zero(_ range: Range<Int>) {
      model.willChange(range, size: content.count) { Array(content[$0]) }
      content.replaceSubrange(range, with: [UInt8](repeating: 0, count: range.count))
    }

    mutating func losePower() {
      content = afterPowerFailure
      _ = model.takeBack()
      syncs = []
    }

    /// On a copy: the real model goes on.
    var afterPowerFailure: [UInt8] {
      var copy = self
      guard let restoration = copy.model.takeBack() else { return content }
      let size = restoration.size
      copy.content = Array(content.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - content.count))
      for write in restoration.writes {
        copy.content.replaceSubrange(write.offset..<write.offset + write.bytes.count, with: write.bytes)
      }
      return copy.content
    }
  }

  /// Offsets gather around the borders of pages and around the end.
  private func offset(_ size: Int, _ random: inout Draws) -> Int {
    let page = Int.random(in: 0...4, using: &random) * UnsyncedFile.pageBytes
    let base = Bool.random(using: &random) ? page : size
    return max(0, base + Int.random(in: -3...3, using: &random))
  }

  private func step(_ watched: inout Watched, _ twin: inout Twin, _ random: inout Draws) -> String {
    let size = twin.current.count
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<8:
      let offset = offset(size, &random)
      let count = [1, 7, 512, 4096, 9000].randomElement(using: &random) ?? 1
      let bytes = [UInt8](repeating: UInt8.random(in: 1...255, using: &random), count: count)
      watched.write(bytes, at: offset)
      twin.current += [UInt8](repeating: 0, count: max(0, offset + count - size))
      twin.current.replaceSubrange(offset..<offset + count, with: bytes)
      return "write \(count) at \(offset)"
    case 8..<11:
      let new = offset(size, &random)
      watched.resize(new)
      twin.current = Array(twin.current.prefix(new)) + [UInt8](repeating: 0, count: max(0, new - size))
      return "resize to \(new)"
    case 11:
      let start = min(size, offset(size, &random))
      let range = start..<min(size, start + 5000)
      watched.zero(range)
      twin.current.replaceSubrange(range, with: [UInt8](repeating: 0, count: range.count))
      return "zero \(range)"
    case 12..<15:
      watched.syncs.append(watched.model.syncBegins())
      twin.syncBegins()
      return "fsync begins"
    case 15..<19:
      guard let place = twin.pending.indices.randomElement(using: &random) else { return "nothing" }
      let well = Int.random(in: 0..<4, using: &random) > 0
      let serial = watched.syncs.remove(at: place)
      if well { watched.model.syncEnded(serial) }
      twin.syncEnds(place, well: well)
      return "fsync ends \(well ? "well" : "badly")"
    default:
      watched.losePower()
      twin.losePower()
      return "power failure"
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>) func agreesWithItsTwinAfterEveryStep(seed: UInt64) {
    var random = Draws(seed: seed)
    var (watched, twin) = (Watched(), Twin())
    var trace: [String] = []
    for _ in 0..<150 {
      trace.append(step(&watched, &twin, &random))
      guard watched.content == twin.current, watched.afterPowerFailure == twin.durable else {
        Issue.record("after \(trace.suffix(12).joined(separator: ", "))")
        return
      }
      #expect(twin.current == twin.durable || !watched.model.isDurable)
    }
  }

  /// The point of keeping pages: a log costs nothing.
  @Test func appendsKeepNothing() {
    var watched = Watched()
    for _ in 0..<50 {
      watched.write([UInt8](repeating: 1, count: 300), at: watched.content.count)
      watched.model.syncEnded(watched.model.syncBegins())
      watched.write([UInt8](repeating: 2, count: 300), at: watched.content.count)
      #expect(watched.model.keptBytes == 0)
    }
    #expect(watched.model.durableSize == 300 * 99)
    watched.write([3], at: 10)
    #expect(watched.model.keptBytes == UnsyncedFile.pageBytes)
  }

  @Test(arguments: TornWrite.Shape.allCases, [512, 4096])
  func tornWritesSurviveInPartAndBySectors(_ shape: TornWrite.Shape, _ sector: Int) {
    var random = Draws(seed: 3)
    var seen: Set<Int> = []
    for seed in 0..<200 as Range<UInt64> {
      let start = Int.random(in: 0..<20_000, using: &random)
      let write = start..<start + Int.random(in: 1..<40_000, using: &random)
      let torn = TornWrite(shape: shape, sectorBytes: sector, seed: seed)
      let parts = torn.survivors(of: write)
      #expect(parts == torn.survivors(of: write))
      let kept = parts.reduce(0) { $0 + $1.count }
      seen.insert(parts.count)
      let sectors = (write.upperBound - 1) / sector - write.lowerBound / sector + 1
      #expect(sectors == 1 ? kept == 0 : (1..<write.count).contains(kept))
      for part in parts {
        #expect(part.lowerBound == write.lowerBound || part.lowerBound % sector == 0)
        #expect(part.upperBound == write.upperBound || part.upperBound % sector == 0)
      }
      if shape == .prefix, let first = parts.first { #expect(first.lowerBound == write.lowerBound) }
    }
    #expect(seen.count > 5)
    #expect(TornWrite(shape: shape, sectorBytes: sector, seed: 1).survivors(of: 5..<5) == [])
  }

  @Test func commandsAndAnswersSurviveTheirText() {
    var trouble = DiskTrouble()
    trouble.readErrorPercent = 1
    trouble.writeErrorPercent = 2
    trouble.syncErrorPercent = 100
    trouble.isFull = true
    trouble.writeDelayNanoseconds = 4
    trouble.syncDelayNanoseconds = 5
    trouble.seed = .max
    let torn = TornWrite(shape: .sectors, sectorBytes: 512, seed: 9)
    for command in [.mount, .unmount, .losePower(nil), .losePower(torn), .trouble(trouble), .counts] as [DiskCommand] {
      #expect(DiskCommand(command.text) == command)
    }
    for text in ["", "mount x", "lose prefix 0 1", "trouble 101 0 0 0 0 0 0", "trouble 1"] {
      #expect(DiskCommand(text) == nil, "\(text)")
    }
    let loss = DiskLoss(path: "a b/c", lostBytes: 1, survivingBytes: 2, sizeBefore: 3, sizeAfter: 4)
    #expect(DiskLoss(loss.text) == loss)
  }
}

/// SplitMix64: a test's choices come from its seed alone.
struct Draws: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 { mix64(&state) }
}

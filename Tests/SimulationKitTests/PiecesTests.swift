import SimulationKit
import Testing

/// A batch that holds nothing but what disks look at.
private struct Batch: PersistedBatch {
  var sequence: UInt64
  var isWhole = false
  var name: UInt8

  func encoded() -> [UInt8] { [UInt8(sequence), isWhole ? 1 : 0, name] }

  init(decoding bytes: [UInt8]) {
    self.init(UInt64(bytes[0]), name: bytes[2], isWhole: bytes[1] == 1)
  }

  init(_ sequence: UInt64, name: UInt8, isWhole: Bool = false) {
    self.sequence = sequence
    self.name = name
    self.isWhole = isWhole
  }
}

@Suite struct PiecesTests {
  @Test(arguments: 1..<101 as Range<UInt64>) func aCrashKeepsWhatWasSyncedAndAPrefixOfTheRest(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var disk = SimulatedDisk<Batch, Int>()
    for sequence in 1...9 as ClosedRange<UInt64> { disk.write(Batch(sequence, name: UInt8(sequence))) }
    disk.sync(upTo: 4)
    let (lost, kept) = disk.crash(using: &random)
    let names = disk.batches.map(\.name)
    #expect(names == Array(1...9).dropLast(lost))
    #expect(names.count >= 4)
    #expect(kept.map(\.name) == Array(names.dropFirst(4)))
    // All of it is safe now, and stays so in the next life, whose sequences start anew.
    disk.write(Batch(1, name: 10))
    #expect(disk.safeBatches.map(\.name) == names)
    #expect(disk.unsafeBatches(upTo: 1).map(\.name) == [10])
  }

  @Test func aLogBeginsAnewWithAWholeBatchOnceThatIsSafe() {
    var disk = SimulatedDisk<Batch, Int>()
    for batch in [Batch(1, name: 1), Batch(2, name: 2, isWhole: true), Batch(3, name: 3)] { disk.write(batch) }
    disk.sync(upTo: 1)
    #expect(disk.batches.map(\.name) == [1, 2, 3])
    disk.sync(upTo: 3)
    #expect(disk.safeBatches.map(\.name) == [2, 3])
  }

  @Test(arguments: 1..<21 as Range<UInt64>) func aClockNeverGoesBack(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var clock = SkewedClock()
    var shown: UInt64 = 0
    for now in stride(from: 0, to: 2_000 * millisecond, by: 1_000_001) {
      if random.chance(percent: 1) { clock.skew(at: now, using: &random) }
      if random.chance(percent: 1) { clock.jump(by: random.time(0..<400 * millisecond)) }
      #expect(clock.time(at: now) >= shown)
      shown = max(shown, clock.time(at: now))
    }
  }

  @Test(arguments: 1..<21 as Range<UInt64>) func occurrencesComeInTheOrderOfTimeAndThenOfPlanning(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var queue = EventQueue<Int>()
    var planned: [(time: UInt64, number: Int)] = []
    for number in 0..<200 {
      let time = random.time(0..<50)
      queue.insert(number, at: time)
      planned.append((time, number))
    }
    var seen: [Int] = []
    while let (_, number) = queue.popFirst() { seen.append(number) }
    #expect(seen == planned.sorted { ($0.time, $0.number) < ($1.time, $1.number) }.map(\.number))
  }
}

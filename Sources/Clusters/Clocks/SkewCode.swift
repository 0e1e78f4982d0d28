import CLinux
import Glibc

/// The block of machine code that stands in for a vDSO's clock functions: `skew_code.S`.
struct SkewCode: Sendable {
  /// As it was compiled: counter 0, both slots zero.
  let bytes: [UInt8]
  /// By the vDSO's name of the function that it replaces: where it begins, in bytes from the block's begin.
  let entries: [String: Int]
  /// Of the count, of the first slot, and of what never changes, in bytes from the block's begin.
  let counterOffset: Int
  private let slotsOffset: Int
  private let codeOffset: Int

  /// Nil where the block was not written for this processor.
  static let own: SkewCode? = {
    var block = fl_skew_block()
    guard fl_skew_block(&block) == 0, let start = block.bytes else { return nil }
    return SkewCode(block, Array(UnsafeBufferPointer(start: start, count: block.size)))
  }()

  private init(_ layout: fl_skew_block, _ bytes: [UInt8]) {
    self.bytes = bytes
    (counterOffset, slotsOffset, codeOffset) = (layout.counter, layout.slots, layout.code)
    entries = [
      "__vdso_clock_gettime": layout.clock_gettime, "__vdso_gettimeofday": layout.gettimeofday,
      "__vdso_time": layout.time,
    ]
  }

  /// The line that a reader of the block uses.
  func line(in block: [UInt8]) -> SkewLine {
    let slot = slotOffset(count: count(in: block))
    return SkewLine(base: number(block, slot), offset: number(block, slot + 8), rate: number(block, slot + 16))
  }

  func count(in block: [UInt8]) -> UInt32 { UInt32(truncatingIfNeeded: number(block, counterOffset)) }

  func slotOffset(count: UInt32) -> Int { slotsOffset + 24 * Int(count & 1) }

  func slotBytes(_ line: SkewLine) -> [UInt8] {
    [line.base, line.offset, line.rate].flatMap { Self.bytes(UInt64(bitPattern: $0), 8) }
  }

  func counterBytes(_ count: UInt32) -> [UInt8] { Self.bytes(UInt64(count), 4) }

  /// A block that is copied with the line in force.
  func block(with line: SkewLine) -> [UInt8] {
    var block = bytes
    let slot = slotOffset(count: 0)
    block.replaceSubrange(slot..<slot + 24, with: slotBytes(line))
    return block
  }

  /// Whether these bytes are the block, whatever its counter and slots hold.
  func isBlock(_ block: [UInt8]) -> Bool {
    block.count == bytes.count && block[codeOffset...].elementsEqual(bytes[codeOffset...])
  }

  /// How far the clock of a block is ahead of the true one, in nanoseconds, found out by running a copy of it.
  ///
  /// - Precondition: `isBlock(block)`; other code is not run.
  func measure(_ block: [UInt8]) throws -> Int64 {
    precondition(isBlock(block), "only the block that was compiled with this program is run")
    var ahead: Int64 = 0
    let error = fl_skew_measure(block, &ahead)
    guard error == 0 else { throw ClusterError.system("running a copy of a process's clock code", errno: error) }
    return ahead
  }

  private func number(_ block: [UInt8], _ offset: Int) -> Int64 {
    Int64(bitPattern: (0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(block[offset + $1]) })
  }

  private static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }
}

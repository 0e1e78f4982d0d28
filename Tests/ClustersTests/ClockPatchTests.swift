import CLinux
import Glibc
import Testing

@testable import Clusters

/// The patch of the vDSO, tried on this process's own image and on copies of it: no process is changed.
@Suite struct ClockPatchTests {
  private static let second: Int64 = 1_000_000_000

  private func patching() throws -> ClockPatching { try ClockPatching.here.get() }

  @Test func symbolsLeadToTheFunctions() throws {
    let image = try VDSOImage(patching().image)
    let function = try #require(image.functions["__vdso_time"])
    typealias Time = @convention(c) (UnsafeMutablePointer<time_t>?) -> time_t
    let address = try #require(UnsafeRawPointer(bitPattern: fl_vdso_address() + UInt(function.offset)))
    let found = unsafeBitCast(address, to: Time.self)
    #expect(abs(found(nil) - time(nil)) <= 1)
    #expect(image.functions["__vdso_clock_gettime"]?.offset == image.functions["clock_gettime"]?.offset)
    #expect(image.end <= image.size && image.end > 1024)
  }

  @Test func patchKeepsTheImageAndLeadsIntoTheBlock() throws {
    let (image, patch) = (try patching().image, try patching().patch)
    #expect(patch.entries.count == 3)
    #expect(image[patch.blockOffset...].allSatisfy { $0 == 0 })
    for (entry, jump) in zip(patch.entries, patch.jumps) {
      #expect(jump.count == VDSOPatch.jumpBytes && jump[0] == 0xE9)
      let distance = jump[1...].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      let target = entry + VDSOPatch.jumpBytes + Int(Int32(bitPattern: distance)) - patch.blockOffset
      #expect(patch.code.entries.values.contains(target))
      #expect(!patch.isTorn(entry) && patch.isTorn(entry + 1) && patch.isTorn(entry + 4))
      #expect(!patch.isTorn(entry + VDSOPatch.jumpBytes))
    }
  }

  @Test func jumpsGoBothWays() {
    #expect(VDSOPatch.jump(from: 0, to: 5) == [0xE9, 0, 0, 0, 0])
    #expect(VDSOPatch.jump(from: 16, to: 0x1015) == [0xE9, 0, 0x10, 0, 0])
    #expect(VDSOPatch.jump(from: 0x100, to: 0) == [0xE9, 0xFB, 0xFE, 0xFF, 0xFF])
  }

  /// Whatever a process's memory holds, reading it must end in an error or an image, never in a trap.
  @Test func damagedImagesAreRefusedOrRead() throws {
    let image = try patching().image
    for count in stride(from: 0, to: image.count, by: 7) { _ = try? VDSOImage(Array(image[..<count])) }
    let code = try #require(SkewCode.own)
    // The headers and the tables, where every byte leads somewhere.
    for place in 0..<0x600 {
      for value in [0x00, 0x7F, 0x80, 0xFF] as [UInt8] {
        var damaged = image
        damaged[place] = value
        if let read = try? VDSOImage(damaged) { _ = try? VDSOPatch(read, code) }
      }
    }
    #expect(throws: VDSOImage.Unreadable.self) { try VDSOImage([0x7F, 0x45, 0x4C, 0x46, 1, 1]) }
  }

  /// What is being started shares our memory until its exec: it must never be taken for a node's process.
  @Test func ownMemoryIsKnown() throws {
    #expect(try ProcessMemory(getpid())?.isOwn == true)
    #expect(try ProcessMemory(getppid())?.isOwn == false)
    #expect(try ProcessMemory(0) == nil)
  }

  @Test func imageWithoutRoomIsRefused() throws {
    var image = try patching().image
    image[image.count - 100] = 1
    let full = try VDSOImage(image)
    let code = try #require(SkewCode.own)
    #expect(throws: VDSOImage.Unreadable.self) { try VDSOPatch(full, code) }
  }

  // MARK: - What the code computes

  static let skews: [ClockSkew] = [
    .none, ClockSkew(offsetNanoseconds: 1), ClockSkew(offsetNanoseconds: -90 * second),
    ClockSkew(offsetNanoseconds: ClockSkew.offsetNanosecondsMax), ClockSkew(ratePPM: 500_000),
    ClockSkew(offsetNanoseconds: 7 * second, ratePPM: -990_000), ClockSkew(ratePPM: 9_000_000),
  ]

  /// The line in Swift and the machine code agree, for bases long ago and to come.
  @Test(arguments: skews)
  func codeFollowsTheLine(_ skew: ClockSkew) throws {
    let code = try #require(SkewCode.own)
    for age in [0, Self.second, 3600 * Self.second, 30 * 86_400 * Self.second, -5 * Self.second] {
      let now = NodeClock.now()
      let line = SkewLine(skew, base: now - age)
      let block = code.block(with: line)
      #expect(code.isBlock(block) && code.line(in: block) == line)
      let (least, most) = (line.ahead(at: now), line.ahead(at: now + Self.second / 5))
      let measured = try code.measure(block)
      let limits = (min(least, most) - 100_000)...(max(least, most) + 100_000)
      #expect(limits.contains(measured), "\(measured) is not in \(limits)")
    }
  }

  @Test func lineAddsOffsetAndGain() {
    let line = SkewLine(ClockSkew(offsetNanoseconds: 100, ratePPM: 500_000), base: 1000)
    #expect(line.ahead(at: 1000) == 100)
    #expect(line.ahead(at: 1600) == 400)
    #expect(line.ahead(at: 400) == -200)
    let slow = SkewLine(ClockSkew(ratePPM: -250_000), base: 0)
    #expect(slow.ahead(at: 4 * Self.second) == -Self.second)
    let sum = SkewLine.sum([line, slow], at: 2000)
    #expect(sum.ahead(at: 2000) == line.ahead(at: 2000) + slow.ahead(at: 2000))
    #expect(abs(sum.ahead(at: 10_000) - line.ahead(at: 10_000) - slow.ahead(at: 10_000)) <= 2)
    #expect(SkewLine.sum([SkewLine](), at: 5).ahead(at: 1_000_000) == 0)
  }

  @Test func slotsTakeTurns() throws {
    let code = try #require(SkewCode.own)
    let first = SkewLine(ClockSkew(offsetNanoseconds: -5 * Self.second), base: 1)
    let second = SkewLine(ClockSkew(offsetNanoseconds: 9 * Self.second), base: 2)
    var block = code.block(with: first)
    let slot = code.slotOffset(count: 1)
    block.replaceSubrange(slot..<slot + 24, with: code.slotBytes(second))
    #expect(code.line(in: block) == first)  // until it counts
    block.replaceSubrange(code.counterOffset..<code.counterOffset + 4, with: code.counterBytes(1))
    #expect(code.line(in: block) == second && code.isBlock(block))
    #expect(abs(try code.measure(block) - 9 * Self.second) < 100_000_000)
    block[block.count - 1] ^= 1
    #expect(!code.isBlock(block))
  }
}

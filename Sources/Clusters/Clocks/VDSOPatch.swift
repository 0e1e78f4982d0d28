/// Where the block goes into a vDSO, and the jumps that lead to it: pure, no process is touched.
///
/// The block takes the zeros after the image, and the first five bytes of each clock function become a jump to it. All
/// else stays: a thread that was stopped in the middle of a function ends it undisturbed, with the true time.
struct VDSOPatch: Sendable {
  /// `jmp rel32`.
  static let jumpBytes = 5
  private static let alignment = 64

  let code: SkewCode
  /// Of the block, in bytes from the image's begin.
  let blockOffset: Int
  /// Where the functions begin, in order.
  let entries: [Int]
  /// What is written there, in the order of `entries`.
  let jumps: [[UInt8]]

  /// For an image as the kernel made it.
  init(_ image: VDSOImage, _ code: SkewCode) throws(VDSOImage.Unreadable) {
    let block = (image.end + Self.alignment - 1) / Self.alignment * Self.alignment
    guard block + code.bytes.count <= image.size else {
      throw VDSOImage.Unreadable(
        reason: "the vDSO has \(max(0, image.size - block)) bytes of room, \(code.bytes.count) are needed")
    }
    guard image.functions["__vdso_clock_gettime"] != nil else {
      throw VDSOImage.Unreadable(reason: "the vDSO has no function __vdso_clock_gettime")
    }
    let found = code.entries.compactMap { name, target in
      image.functions[name].map { (function: $0, target: block + target) }
    }.sorted { $0.function.offset < $1.function.offset }
    for (function, _) in found where function.size < Self.jumpBytes || function.offset + function.size > image.end {
      throw VDSOImage.Unreadable(reason: "a clock function of the vDSO has \(function.size) bytes")
    }
    self.code = code
    blockOffset = block
    entries = found.map(\.function.offset)
    jumps = found.map { Self.jump(from: $0.function.offset, to: $0.target) }
  }

  static func jump(from: Int, to: Int) -> [UInt8] {
    let distance = UInt32(bitPattern: Int32(to - from - jumpBytes))
    return [0xE9] + (0..<4).map { UInt8(truncatingIfNeeded: distance >> (8 * $0)) }
  }

  /// Whether a thread that goes on at this offset would find itself inside of an instruction that was replaced.
  func isTorn(_ offset: Int) -> Bool { entries.contains { offset > $0 && offset < $0 + Self.jumpBytes } }
}

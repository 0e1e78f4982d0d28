import Testing

@testable import Clusters

@Suite struct ClockOffsetsTests {
  /// What is written is what the kernel shows again: seconds with their sign, nanoseconds from 0 on.
  @Test(arguments: [
    (0, 0, "monotonic 0 0\nboottime 0 0\n"),
    (1_500_000_000, -1, "monotonic 1 500000000\nboottime -1 999999999\n"),
    (-49_000_000_000_001, -2_000_000_000, "monotonic -49001 999999999\nboottime -2 0\n"),
  ])
  func `offsets have the kernel's form`(_ monotonic: Int, _ boot: Int, _ text: String) {
    let offsets = ClockOffsets(monotonic: Int64(monotonic), boot: Int64(boot))
    #expect(offsets.kernelText == text)
    #expect(ClockOffsets(kernel: text) == offsets)
  }

  @Test func `the kernel aligns its columns`() {
    let text = "monotonic     -49001  999999999\nboottime           7          0\n"
    #expect(ClockOffsets(kernel: text) == ClockOffsets(monotonic: -49_000_000_000_001, boot: 7_000_000_000))
  }

  @Test(arguments: [
    "", "monotonic 1 2\n", "monotonic x 2\nboottime 1 2\n", "monotonic 99999999999999999 0\nboottime 0 0\n",
  ])
  func `what is no pair of offsets is none`(_ text: String) { #expect(ClockOffsets(kernel: text) == nil) }
}

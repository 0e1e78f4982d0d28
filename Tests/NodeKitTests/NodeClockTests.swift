import Glibc
import NIOCore
import Testing

@testable import NodeKit

@Suite struct NodeClockTests {
  @Test func readsTheClockThatItNames() {
    let monotonic = NIODeadline.now().uptimeNanoseconds
    #expect(NodeClock.monotonic.nanoseconds - monotonic < 10_000_000_000)
    let seconds = NodeClock.realtime.nanoseconds / 1_000_000_000
    #expect(abs(Int64(seconds) - Int64(time(nil))) < 10)
  }

  @Test func timeStandsStillWhileTheClockIsBehind() {
    var time = NodeTime(.realtime)
    #expect([100, 150, 40, 149, 150, 151].map { time.advance(to: $0) } == [100, 150, 150, 150, 150, 151])
  }
}

import Dispatch
import Glibc
import ServerTestKit
import Systems

/// Writes in a closed loop over many connections, spread over the servers: a new one as soon as one is answered.
struct Load {
  /// What came of it.
  struct Result {
    var acknowledged = 0
    var refused = 0
    /// Of each acknowledged write, in nanoseconds, ascending.
    var latencies: [Int64] = []
    var seconds = 0.0

    var perSecond: Double { Double(acknowledged) / seconds }

    /// In milliseconds.
    func latency(percentile: Double) -> Double {
      latencies.isEmpty ? .nan : Double(latencies[Int(Double(latencies.count - 1) * percentile / 100)]) / 1e6
    }
  }

  let system: BenchedSystem
  let servers: [Address]
  let connections: Int
  /// A JSON text.
  let value: String

  /// - Parameters:
  ///   - count: most writes.
  ///   - seconds: most time.
  ///   - first: number of the first write.
  /// - Throws: what the HTTP driver throws.
  func run(count: Int = .max, seconds: Double, from first: Int = 0) throws -> Result {
    var driver = try HTTPDriver(slots: connections)
    var result = Result()
    var started = [Int64](repeating: 0, count: connections)
    var next = first
    var idle = Array(0..<connections)
    let begin = monotonic()
    let end = begin + Int64(seconds * 1e9)
    var inFlight = 0
    while true {
      while let slot = idle.last, next - first < count, monotonic() < end {
        let (method, path, body) = system.write(next, value)
        started[slot] = monotonic()
        try driver.start(
          slot: slot,
          request: HTTPRequest(
            method: method, url: "http://\(servers[slot % servers.count])\(path)", body: Array(body.utf8)))
        idle.removeLast()
        next += 1
        inFlight += 1
      }
      if inFlight == 0 { break }
      try driver.wait(untilNanoseconds: .max) { slot, answer, time in
        idle.append(slot)
        inFlight -= 1
        guard case .response(let response) = answer, response.status == 200 else { return result.refused += 1 }
        result.acknowledged += 1
        result.latencies.append(time - started[slot])
      }
    }
    result.seconds = Double(monotonic() - begin) / 1e9
    result.latencies.sort()
    return result
  }
}

/// CLOCK_MONOTONIC in nanoseconds.
func monotonic() -> Int64 { Int64(DispatchTime.now().uptimeNanoseconds) }

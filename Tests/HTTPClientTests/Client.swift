import Glibc
import Systems

/// A driver with what most tests ask of it: one request at a time, to its end.
struct Client: ~Copyable {
  var driver: HTTPDriver

  init(slots: Int = 1, limits: HTTPLimits = HTTPLimits()) throws {
    driver = try HTTPDriver(slots: slots, limits: limits)
  }

  mutating func perform(_ request: HTTPRequest, slot: Int = 0) throws -> HTTPResult {
    try driver.start(slot: slot, request: request)
    return try results(slots: 1)[slot] ?? .failure(.absent)
  }

  /// The results of that many transfers, by slot.
  mutating func results(slots count: Int) throws -> [Int: HTTPResult] {
    var results: [Int: HTTPResult] = [:]
    while results.count < count {
      try driver.wait(untilNanoseconds: .max) { slot, result, _ in results[slot] = result }
    }
    return results
  }
}

extension TransportFailure {
  /// Stands for a result that a test expected and did not get: no reason of the table reads so.
  static let absent = TransportFailure(reason: .transport, neverSent: false, curlCode: -1, osError: 0, detail: "absent")
}

extension HTTPResult {
  var response: HTTPResponse? {
    if case .response(let response) = self { response } else { nil }
  }

  var failure: TransportFailure? {
    if case .failure(let failure) = self { failure } else { nil }
  }
}

extension HTTPRequest {
  /// Time-outs in milliseconds: long ones, so that a slow machine fails no test; those that must run out are given.
  static func get(_ url: String, timeout: Int64 = 30_000, connectTimeout: Int64 = 20_000) -> HTTPRequest {
    HTTPRequest(
      method: "GET", url: url, timeoutNanoseconds: timeout * 1_000_000,
      connectTimeoutNanoseconds: connectTimeout * 1_000_000)
  }

  static func put(_ url: String, _ body: [UInt8], timeout: Int64 = 30_000) -> HTTPRequest {
    HTTPRequest(
      method: "PUT", url: url, body: body, timeoutNanoseconds: timeout * 1_000_000,
      connectTimeoutNanoseconds: 20_000_000_000)
  }
}

/// Nanoseconds of CLOCK_MONOTONIC, the driver's clock.
func now() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

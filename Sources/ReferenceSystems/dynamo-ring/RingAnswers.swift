import DynamoRing
import NIOHTTP1
import NodeKit

// Outcomes as responses.
extension RingAPI {
  /// 404, 413 and 503 are definite, nothing was changed; 504 is not.
  static func response(to outcome: Outcome) -> ClientResponse {
    switch outcome {
    case .reading(let reading): response(to: reading)
    case .put(let context): ClientResponse(.ok, json: "{\"context\":\"\(context)\"}")
    case .written(let timestamp): ClientResponse(.ok, json: "{\"timestamp\":\(json(timestamp))}")
    case .counted: ClientResponse(.ok, json: "{}")
    case .inserted(let dot): ClientResponse(.ok, json: "{\"id\":\(json(dot))}")
    case .removed(let dots):
      ClientResponse(.ok, json: "{\"context\":[\(dots.map(json).joined(separator: ","))]}")
    case .noQuorum: .error(.serviceUnavailable, "no-quorum")
    case .overloaded: .error(.serviceUnavailable, "overloaded")
    case .unknown: .error(.gatewayTimeout, "unknown")
    case .tooLarge: .error(.payloadTooLarge, "too-large")
    case .notReplica: .error(.notFound, "not-a-replica")
    }
  }

  private static func response(to reading: Reading) -> ClientResponse {
    switch reading {
    case .siblings(let values, let context):
      let list = Bytes("{\"values\":[".utf8) + values.joined(separator: Bytes(",".utf8))
      return ClientResponse(.ok, list + Bytes("],\"context\":\"\(context)\"}".utf8))
    case .lastWriter(let value?, let timestamp):
      return ClientResponse(
        .ok, Bytes("{\"value\":".utf8) + value + Bytes(",\"timestamp\":\(json(timestamp))}".utf8))
    case .lastWriter(nil, _): return ClientResponse(.ok, json: "{\"value\":null}")
    case .counter(let value): return ClientResponse(.ok, json: "{\"value\":\(value)}")
    case .set(let elements):
      let list = Bytes("{\"value\":[".utf8) + elements.joined(separator: Bytes(",".utf8))
      return ClientResponse(.ok, list + Bytes("]}".utf8))
    }
  }

  private static func json(_ dot: Dot) -> String { "[\"n\(dot.node)\",\(dot.counter)]" }

  private static func json(_ timestamp: Timestamp) -> String {
    "[\(timestamp.milliseconds),\(timestamp.logical),\(timestamp.node)]"
  }

  /// 200 when the node takes part; 503 otherwise.
  static func health(of core: DynamoNode) -> ClientResponse {
    core.isReady ? ClientResponse(.ok, json: "{\"status\":\"ok\"}") : .error(.serviceUnavailable, "not-ready")
  }

  /// `{"preference":[1,3,2]}`
  static func preferenceList(of name: Bytes, in ring: Ring) -> ClientResponse {
    let nodes = ring.preferenceList(of: ring.range(of: Key(.siblings, name)))
    return ClientResponse(.ok, json: "{\"preference\":[\(nodes.map(String.init).joined(separator: ","))]}")
  }

  /// The node's view of itself and of the others; `dropped` counts messages that found no connection to a peer.
  static func status(of core: DynamoNode, at now: Nanoseconds, dropped: Int) -> ClientResponse {
    let hash = String(core.stateHash, radix: 16)
    let members = core.members(at: now).map { member in
      let suspicion = Double(Int(min(member.suspicion, 1_000) * 100)) / 100
      return "{\"id\":\(member.id),\"alive\":\(member.isAlive),\"suspicion\":\(suspicion)}"
    }
    let fields = [
      "\"id\":\(core.configuration.id)", "\"life\":\(core.life)", "\"members\":[\(members.joined(separator: ","))]",
      "\"keys\":\(core.keyCount)", "\"hints\":\(core.hintCount)", "\"requests\":\(core.callCount)",
      "\"exchanges\":\(core.exchanges)",
      "\"stateHash\":\"\(String(repeating: "0", count: 16 - hash.count))\(hash)\"", "\"droppedMessages\":\(dropped)",
    ]
    return ClientResponse(.ok, json: "{\(fields.joined(separator: ","))}")
  }
}

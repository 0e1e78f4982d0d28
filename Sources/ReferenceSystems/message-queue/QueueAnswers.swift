import MessageQueue
import NIOHTTP1
import NodeKit

// Outcomes as responses.
extension QueueAPI {
  /// 404 and 409 are definite, nothing was changed; so is 503: the operation was certainly not carried out. 504 is not.
  static func response(to outcome: Outcome, _ form: AnswerForm) -> ClientResponse {
    switch outcome {
    case .appended(let offset):
      if case .message = form { return ClientResponse(.ok, json: "{\"id\":\(offset)}") }
      return ClientResponse(.ok, json: "{\"offset\":\(offset)}")
    case .records(let records, let end):
      return ClientResponse(.ok, list("{\"records\":", records.map(pair), "],\"end\":\(end)}"))
    case .polled(let generation, let records):
      if case .drain = form { return ClientResponse(.ok, list("{\"records\":", records.map(triple))) }
      return ClientResponse(.ok, list("{\"generation\":\(generation),\"records\":", records.map(triple)))
    case .delivery(let delivery): return ClientResponse(.ok, body(of: delivery))
    case .done: return ClientResponse(.ok, json: "{}")
    case .dead(let letters): return ClientResponse(.ok, list("{\"messages\":", letters.map(body)))
    case .values(let values): return ClientResponse(.ok, list("{\"values\":", values))
    default: return failure(outcome)
    }
  }

  private static func failure(_ outcome: Outcome) -> ClientResponse {
    switch outcome {
    case .notHeld: .error(.conflict, "not-held")
    case .notMember: .error(.conflict, "not-a-member")
    case .outOfOrderSequence: .error(.conflict, "out-of-order-sequence")
    case .notReplica: .error(.notFound, "not-a-replica")
    case .tooManyRecords: .error(.payloadTooLarge, "too-many-records")
    case .noLeader: .error(.serviceUnavailable, "no-leader")
    case .notEnoughReplicas: .error(.serviceUnavailable, "not-enough-replicas")
    case .overloaded: .error(.serviceUnavailable, "overloaded")
    case .expired: .error(.gatewayTimeout, "expired")
    default: .error(.gatewayTimeout, "unknown")
    }
  }

  private static func pair(_ record: ConsumedRecord) -> Bytes {
    Array("[\(record.offset),".utf8) + record.value + [UInt8(ascii: "]")]
  }

  private static func triple(_ record: ConsumedRecord) -> Bytes {
    Array("[\(record.partition),\(record.offset),".utf8) + record.value + [UInt8(ascii: "]")]
  }

  private static func body(of delivery: Delivery?) -> Bytes {
    guard let delivery else { return Array("{\"id\":null}".utf8) }
    let id = delivery.id
    return Array("{\"id\":\"\(id.message)-\(id.attempt)\",\"value\":".utf8) + delivery.value
      + Array(",\"attempt\":\(id.attempt)}".utf8)
  }

  private static func body(of letter: DeadLetter) -> Bytes {
    Array("{\"value\":".utf8) + letter.value + Array(",\"attempts\":\(letter.attempts)}".utf8)
  }

  /// The elements between the beginning of an object and its end, with brackets around and commas between.
  private static func list(_ start: String, _ elements: [Bytes], _ end: String = "]}") -> Bytes {
    var body = Array(start.utf8)
    body.append(UInt8(ascii: "["))
    for (position, element) in elements.enumerated() {
      if position > 0 { body.append(UInt8(ascii: ",")) }
      body += element
    }
    return body + Array(end.utf8)
  }

  /// 200 when the broker can answer clients now, or knows who can; 503 otherwise.
  static func health(of broker: Broker) -> ClientResponse {
    broker.isHealthy ? ClientResponse(.ok, json: "{\"status\":\"ok\"}") : .error(.serviceUnavailable, "not-ready")
  }

  /// The broker's view of itself; `dropped` counts messages that found no connection to a peer.
  static func status(of broker: Broker, logBytes: Int, dropped: Int) -> ClientResponse {
    let hash = String(broker.stateHash, radix: 16)
    let fields = [
      "\"id\":\(broker.configuration.id)", "\"partitions\":\(broker.partitionIDs.count)",
      "\"leads\":\(broker.ledCount)", "\"fullyInSync\":\(broker.fullyInSyncCount)",
      "\"records\":\(broker.recordCount)",
      "\"stateHash\":\"\(String(repeating: "0", count: 16 - hash.count))\(hash)\"",
      "\"logBytes\":\(logBytes)", "\"droppedMessages\":\(dropped)",
    ]
    return ClientResponse(.ok, json: "{\(fields.joined(separator: ","))}")
  }
}

import MessageQueue
import NodeKit

// The numbers in requests.
extension QueueAPI {
  /// The greatest number that is taken: the core leaves itself room to add.
  static let numberMax: UInt64 = 1 << 62 - 1

  static func number(_ text: String, _ what: String) throws -> UInt64 {
    guard let number = UInt64(text), number <= numberMax else {
      throw Refusal("\(what) is an integer from 0 to \(numberMax)")
    }
    return number
  }

  static func positive(_ text: Bytes, _ what: String, max: UInt64 = numberMax) throws -> UInt64 {
    guard let number = UInt64(String(decoding: text, as: UTF8.self)), number > 0, number <= max else {
      throw Refusal("\(what) is an integer from 1 to \(max)")
    }
    return number
  }
}

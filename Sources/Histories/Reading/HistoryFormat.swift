/// The formats in which histories are stored.
public enum HistoryFormat: String, CaseIterable, Sendable {
  /// One JSON object a line: what a run writes.
  case jsonLines = "jsonl"
  /// One JSON array of objects.
  case json
  /// EDN maps, one after the other or in a vector or list.
  case edn
  /// The log of a Jepsen run: lines with process, type, function and value, between others.
  case jepsenLog = "jepsen-log"

  /// Bytes looked at in order to tell the format; of a log, whose first operation may come after a long set-up, more.
  static let detectionBytesMax = 1 << 16
  static let logDetectionBytesMax = 16 << 20

  /// The format that the beginning of a file tells; nil where it is none of them.
  ///
  /// A brace begins an object of JSON if a quote comes next, as the keys of events are keywords in EDN; brackets hold
  /// such objects or maps. Anything else is a log, if one of its lines records an operation.
  public static func detect(_ bytes: UnsafeBufferPointer<UInt8>) -> HistoryFormat? {
    let window = UnsafeBufferPointer(rebasing: bytes.prefix(detectionBytesMax))
    let log = UnsafeBufferPointer(rebasing: bytes.prefix(logDetectionBytesMax))
    let start = firstByte(window, from: window.startOfText)
    guard start < window.count else { return nil }
    let next = firstByte(window, from: start + 1)
    let following = next < window.count ? window[next] : 0
    switch window[start] {
    case UInt8(ascii: "{"): return isJSON(inside: following) ? .jsonLines : .edn
    case UInt8(ascii: "["):
      if following == UInt8(ascii: "]") { return .json }
      guard following == UInt8(ascii: "{") else { return JepsenLog.isLog(log) ? .jepsenLog : .edn }
      let inner = firstByte(window, from: next + 1)
      return inner < window.count && isJSON(inside: window[inner]) ? .json : .edn
    case UInt8(ascii: "("), UInt8(ascii: ";"), UInt8(ascii: "#"): return .edn
    default: return JepsenLog.isLog(log) ? .jepsenLog : nil
    }
  }

  /// Editors of some systems put it before UTF-8 text.
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private static func isJSON(inside byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "}") }

  /// The offset of the first byte from `start` on that is neither white space nor, inside EDN, comma or comment.
  private static func firstByte(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var place = start
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x2C, 0x09...0x0D: place += 1
      case UInt8(ascii: ";") where start > 0:
        while place < bytes.count, bytes[place] != 0x0A { place += 1 }
      default: return place
      }
    }
    return place
  }
}

import Histories

extension History {
  /// The first event, if the times say no more than the order of the events: each is the event's number, or all are one.
  var firstWithoutTime: Int? {
    guard count > 1 else { return nil }
    let isCounted = (0..<count).allSatisfy { time(at: $0) == Int64($0) }
    let isStill = (1..<count).allSatisfy { time(at: $0) == time(at: 0) }
    return isCounted || isStill ? 0 : nil
  }
}

import Histories

extension FindingLog {
  /// A read that lists an element that nobody had begun to add when it ended, or only operations that failed.
  ///
  /// - Parameter failed: event index of the invocation of one that failed, begun before the read ended.
  /// - Parameter later: that of the first other addition.
  mutating func addUnwritten(
    _ element: UInt32, of object: ElementHistory, _ read: ElementHistory.Read, failed: UInt32?,
    later: UInt32?
  ) {
    add(failed == nil ? .thinAirRead : .abortedRead, key: object.key) { witnesses in
      let (begin, end, name) = (Int(read.invocation), Int(read.completion), object.additionName)
      let other = (failed ?? later).map { Int($0) }
      let why =
        if failed != nil, let other {
          "which only \(witnesses.name(other, nil)) tried to \(name.rawValue), and that failed"
        } else if let other {
          "which nobody had begun to \(name.rawValue): \(witnesses.name(other, nil)) did so later"
        } else {
          "which nobody \(name.past)"
        }
      return (
        "\(witnesses.name(begin, end)) saw \(object.value(element)), \(why)", [begin] + [other].compactMap { $0 },
        [begin, end] + [other].compactMap { $0 }
      )
    }
  }
}

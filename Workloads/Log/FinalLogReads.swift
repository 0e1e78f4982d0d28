import Generators
import Histories

extension SettlingReads {
  /// Reads of every log: a replica is late while it lacks an acknowledged entry.
  ///
  /// - Parameters:
  ///   - logs: those to read, all that were appended to.
  ///   - settle: nanoseconds in which replicas must have caught up.
  static func ofLogs(
    _ logs: [Value], of history: History, nodes: [String], readers: Int, settle: Int64
  ) -> SettlingReads {
    SettlingReads(
      of: logs, Functions(read: "read", readReplica: "read-all"), nodes: nodes, readers: readers, settle: settle,
      after: history
    ) { history in
      let acknowledged = history.acknowledgedAppends
      return { answer, _, log in
        guard let wanted = acknowledged[log] else { return false }
        return !wanted.isSubset(of: (answer.value.list ?? []).lazy.compactMap { $0.list?.last })
      }
    }
  }
}

extension History {
  /// By log: the values whose appends were acknowledged.
  fileprivate var acknowledgedAppends: [Value: Set<Value>] {
    var found: [Value: Set<Value>] = [:]
    for index in 0..<count where type(at: index) == .ok && function(at: index) == "append" {
      guard let key = keyID(at: index).map({ keys[$0] }), let value = payload(at: index).list?.last else { continue }
      found[key, default: []].insert(value)
    }
    return found
  }
}

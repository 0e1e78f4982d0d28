import Histories

extension ConvergenceJudge {
  /// Reports ids that the system has given to updates of different values: contexts that name one mean either.
  ///
  /// - Returns: whether there are none.
  mutating func checkIDs(_ object: ReplicaHistory) -> Bool {
    for (first, second) in object.sharedIDs {
      log.add(.duplicateID, key: object.key) { witnesses in
        let both = [first, second]
        return (
          "\(object.name(first, witnesses)) and \(object.name(second, witnesses)) both got the id "
            + "\(object.idValue(object.updates[second].id))",
          both.map { Int(object.updates[$0].invocation) }, both.flatMap { object.events(of: $0) }
        )
      }
    }
    return object.sharedIDs.isEmpty
  }
}

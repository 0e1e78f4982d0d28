import Checkers
import Testing

/// Names of levels in claims.
@Suite struct IsolationClaimTests {
  @Test(arguments: IsolationLevel.allCases) func `every level is named by its own name`(level: IsolationLevel) throws {
    #expect(try IsolationLevel(claim: level.rawValue) == level)
    #expect(try IsolationLevel(claim: level.rawValue.uppercased().replacing("-", with: "_")) == level)
  }

  @Test func `other fields have other names`() throws {
    #expect(try IsolationLevel(claim: "sequential") == .strongSessionSerializable)
    #expect(try IsolationLevel(claim: "linearizable") == .strictSerializable)
    #expect(try IsolationLevel(claim: "PL-2.99") == .repeatableRead)
    for name in IsolationLevel.aliases.keys {
      #expect(IsolationLevel(rawValue: name) == nil, "\(name) is a name already")
    }
  }

  @Test func `an unknown name is met with the nearest one, or with all`() {
    let near = #expect(throws: UnknownIsolationLevel.self) { try IsolationLevel(claim: "serialisable") }
    #expect(near?.suggestion == "serializable")
    #expect(near?.description == "unknown isolation level 'serialisable'; did you mean 'serializable'?")
    let far = #expect(throws: UnknownIsolationLevel.self) { try IsolationLevel(claim: "gold") }
    #expect(far?.suggestion == nil)
    #expect(far?.description.contains("read-uncommitted, ") == true)
  }

  /// Whoever reads down the ladder meets no level before one that it implies.
  @Test func `the ladder climbs`() {
    for (place, level) in IsolationLevel.allCases.enumerated() {
      #expect(Set(level.implied).isSubset(of: IsolationLevel.allCases.prefix(place)), "\(level.rawValue)")
    }
    #expect(IsolationLevel.allCases.first == .readUncommitted)
    #expect(IsolationLevel.allCases.last == .strictSerializable)
  }

  /// The ladder is a lattice: what implies each other would be one level.
  @Test func `no two levels imply each other`() {
    for level in IsolationLevel.allCases {
      for other in level.implications.subtracting([level]) { #expect(!other.implications.contains(level)) }
    }
    #expect(IsolationLevel.causal.implications.isSuperset(of: [.pram, .writesFollowReads]))
    #expect(IsolationLevel.strongSessionSnapshotIsolation.implications.contains(.readYourWrites))
    #expect(!IsolationLevel.serializable.implications.contains(.readYourWrites))
  }
}

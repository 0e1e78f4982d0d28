import DynamoRing
import SimulationKit

/// When all is healed and quiet, every replica of a key holds the same, nobody keeps anything for others, and nothing is
/// under way. What hash trees say is what the objects are.
enum Convergence {
  static func check(_ cores: [DynamoNode]) throws {
    guard let ring = cores.first?.ring, let members = cores.first?.configuration.members,
      cores.count == members.count
    else { throw Violation("Recovery", "only \(cores.count) nodes are up") }
    for core in cores { try checkQuiet(core) }
    let byID = Dictionary(uniqueKeysWithValues: cores.map { ($0.configuration.id, $0) })
    for key in Set(cores.flatMap(\.keys)).sorted() {
      let replicas = ring.preferenceList(of: ring.range(of: key))
      let held = replicas.map { byID[$0]?.object(at: key) }
      guard let first = held.first, held.allSatisfy({ $0 == first }) else {
        let all = zip(replicas, held).map { "\($0): \($1.map { "\($0.reading)" } ?? "nothing")" }
        throw Violation("Convergence", "replicas of \(key) differ: \(all.joined(separator: "; "))")
      }
    }
  }

  private static func checkQuiet(_ core: DynamoNode) throws {
    let id = core.configuration.id
    guard core.callCount == 0 else {
      throw Violation("Quiet", "node \(id) has \(core.callCount) calls under way")
    }
    guard core.hintCount == 0 else { throw Violation("Quiet", "node \(id) keeps \(core.hintCount) hints") }
    var trees = Array(repeating: MerkleTree(), count: core.ring.rangeCount)
    for key in core.keys {
      guard let object = core.object(at: key) else { continue }
      let range = core.ring.range(of: key)
      guard core.ring.isReplica(id, of: range) else {
        throw Violation("Placement", "node \(id) holds \(key), which is not its own")
      }
      trees[range].replace(key, old: nil, new: object.hash)
    }
    for range in trees.indices where trees[range].root != core.tree(of: range).root {
      throw Violation("HashTree", "node \(id) has another hash for range \(range) than its objects")
    }
  }
}

import Histories
import Workloads

/// What `plan.resolved.json` says of a run that is to be judged again: the other direction of `Plan.resolved`.
public struct ResolvedPlan: Sendable {
  /// A file that holds no such plan: what is wrong, and where in it.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
  }

  public var name: String
  /// Decimal digits.
  public var seed: String
  public var workload: Workload
  /// Its parameters, complete and validated.
  public var choice: WorkloadChoice
  public var claims: [ClaimExpectation]
  public var minimums: Minimums

  /// - Throws: the first problem: a run wrote the file, so that one who changed it by hand hears of it.
  public init(_ plan: Value, catalogue: PlanCatalogue = .standard) throws(Problem) {
    guard plan.map?["version"] == 1 else {
      throw Problem(description: "'version' must be 1, not \(plan.map?["version"] ?? .null)")
    }
    name = try Self.text(plan, "name")
    seed = try Self.text(plan, "seed")
    let block = plan.map?["workload"] ?? .null
    let workload = try Self.workload(try Self.text(block, "name", in: "workload."), catalogue)
    let given = block.map?["parameters"]?.map ?? [:]
    let (parameters, problems) = Parameter.resolve(given: given, schema: workload.parameters)
    if let problem = problems.first { throw Problem(description: "'workload.parameters': \(problem)") }
    self.workload = workload
    choice = WorkloadChoice(name: workload.name, parameters: parameters)
    claims = try Self.claims(plan.map?["claims"] ?? .null, workload)
    minimums = try Self.minimums(plan.map?["minimums"] ?? .map([:]))
  }

  private static func text(_ value: Value, _ key: String, in block: String = "") throws(Problem) -> String {
    guard let text = value.map?[key]?.string else {
      throw Problem(description: "'\(block)\(key)' must be a text, not \(value.map?[key] ?? .null)")
    }
    return text
  }

  private static func workload(_ name: String, _ catalogue: PlanCatalogue) throws(Problem) -> Workload {
    if let workload = catalogue.workloads.first(where: { $0.name == name }) { return workload }
    throw Problem(description: "'workload.name': there is no workload '\(name)'")
  }

  private static func claims(_ value: Value, _ workload: Workload) throws(Problem) -> [ClaimExpectation] {
    guard let list = value.list else { throw Problem(description: "'claims' must be a list, not \(value)") }
    var claims: [ClaimExpectation] = []
    for (place, entry) in list.enumerated() {
      let claim = try text(entry, "claim", in: "claims[\(place)].")
      guard PlanCatalogue.commonClaims.contains(claim) || workload.claim(named: claim) == claim else {
        throw Problem(
          description: "'claims[\(place)].claim': workload \(workload.name) cannot check '\(claim)'")
      }
      let expected = try text(entry, "expect", in: "claims[\(place)].")
      guard let expect = Verdict(rawValue: expected), expect == .valid || expect == .invalid else {
        throw Problem(description: "'claims[\(place)].expect' must be valid or invalid, not '\(expected)'")
      }
      claims.append(ClaimExpectation(claim: claim, expect: expect, line: nil))
    }
    return claims
  }

  private static func minimums(_ value: Value) throws(Problem) -> Minimums {
    var minimums = Minimums()
    for (key, path) in PlanDecoder.minimumKeys {
      guard let wanted = value.map?[key] else { continue }
      guard let number = wanted.int, number >= 0 else {
        throw Problem(description: "'minimums.\(key)' must be an integer from 0, not \(wanted)")
      }
      minimums[keyPath: path] = Int(number)
    }
    return minimums
  }
}

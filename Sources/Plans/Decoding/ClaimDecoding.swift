import Histories
import Systems
import Workloads

extension PlanDecoder {
  private struct ClaimRequest {
    var expectation: ClaimExpectation
    var place: Diagnostic.Place
    /// The workload that it is for; nil for any.
    var workload: String?
    /// False: a default that this plan does without.
    var enabled = true
  }

  /// The block `claims:`, or `--claim`, then the claims that every run checks unless the plan turns them off.
  ///
  /// `[linearizable]`, `[{claim: linearizable, expect: invalid}]`, `[{claim: recovers, enabled: false}]`; and
  /// `[register/sequential]`: for one workload alone, in place of what the others are asked for.
  func claims(_ plan: Fields, _ workload: Workload?, hasPanicPatterns: Bool) -> [ClaimExpectation] {
    let all = plan.node("claims").map { sink.listOrOne($0, "a list of claims").compactMap(request) } ?? []
    let planned = all.filter { $0.workload == nil }
    let own = all.filter { $0.workload != nil && $0.workload == workload?.name }
    let isReplaced = !own.allSatisfy(isCommon) || !overrides.claims.isEmpty
    let general = isReplaced ? planned.filter(isCommon) : checkable(planned, workload)
    var requests = own + general
    if !overrides.claims.isEmpty { requests = overridden(requests, workload) }
    if let workload {
      for place in requests.indices {
        let asked = requests[place].expectation.claim
        requests[place].expectation.claim = workload.claim(named: asked) ?? asked
      }
      for request in requests { check(request, workload, hasPanicPatterns: hasPanicPatterns) }
    }
    return complete(requests, workload, hasPanicPatterns: hasPanicPatterns)
  }

  /// Those that the workload of the command line can check; where it is the plan's own, all: then the plan is wrong.
  private func checkable(_ planned: [ClaimRequest], _ workload: Workload?) -> [ClaimRequest] {
    guard overrides.workload != nil, let workload else { return planned }
    // A name that nobody knows is no claim of another workload: it stays, to be reported.
    let dropped = planned.filter { request in
      !knows(request, workload) && catalogue.workloads.contains { knows(request, $0) }
    }
    guard !dropped.isEmpty else { return planned }
    let kept = planned.filter { request in !dropped.contains { $0.place == request.place } }
    let names = dropped.map(\.expectation.claim).joined(separator: ", ")
    sink.notice(
      "claims of the plan that workload \(workload.name) cannot check are left out: \(names)"
        + (kept.allSatisfy(isCommon) ? "; its own are checked: \(workload.defaultClaims.joined(separator: ", "))" : ""))
    return kept
  }

  private func request(_ node: YAMLNode) -> ClaimRequest? {
    if node.scalar != nil {
      return sink.text(node, "a claim").flatMap { request($0, sink.place(node.mark), line: node.mark.line) }
    }
    let fields = Fields(node, "a claim", sink)
    let claim = fields.required("claim", "the claim's id, as linearizable")
    let expect = fields.node("expect").flatMap { node in
      sink.choice(node, "verdict", among: ["valid", "invalid"]).flatMap { Verdict(rawValue: $0) }
    }
    let enabled = fields.node("enabled").flatMap { sink.bool($0) }
    fields.finish()
    guard let claim, let name = sink.text(claim, "a claim"),
      var asked = request(name, sink.place(claim.mark), line: claim.mark.line)
    else { return nil }
    asked.expectation.expect = expect ?? .valid
    asked.enabled = enabled ?? true
    return asked
  }

  private func request(_ name: String, _ place: Diagnostic.Place, line: Int?) -> ClaimRequest? {
    let qualified = QualifiedClaim(name)
    let request = ClaimRequest(
      expectation: ClaimExpectation(claim: qualified.claim, expect: .valid, line: line), place: place,
      workload: qualified.workload)
    guard let owner = qualified.workload else { return request }
    guard qualified.isWellFormed else {
      sink.report("a claim is NAME, or WORKLOAD/NAME for one workload alone: not '\(name)'", at: place)
      return nil
    }
    guard let workload = catalogue.workloads.first(where: { $0.name == owner }) else {
      sink.report(UnknownName.message("workload", owner, known: catalogue.workloads.map(\.name)), at: place)
      return nil
    }
    guard knows(request, workload) else {
      check(request, workload, hasPanicPatterns: true)
      return nil
    }
    return request
  }

  private func isCommon(_ request: ClaimRequest) -> Bool {
    PlanCatalogue.commonClaims.contains(request.expectation.claim)
  }

  /// `--claim` replaces the plan's claims; what the plan says of the common ones stays.
  private func overridden(_ planned: [ClaimRequest], _ workload: Workload?) -> [ClaimRequest] {
    let asked = overrides.claims.compactMap { request($0, .option("--claim"), line: nil) }
    let named = asked.filter { request in
      guard let owner = request.workload, let workload, owner != workload.name else { return true }
      sink.report(
        "'\(owner)/\(request.expectation.claim)' is for workload \(owner), and this run's is \(workload.name)",
        at: request.place)
      return false
    }
    let names = Set(named.map(\.expectation.claim))
    return named + planned.filter { isCommon($0) && !names.contains($0.expectation.claim) }
  }

  private func knows(_ request: ClaimRequest, _ workload: Workload) -> Bool {
    workload.claim(named: request.expectation.claim) != nil || isCommon(request)
  }

  private func check(_ request: ClaimRequest, _ workload: Workload, hasPanicPatterns: Bool) {
    let claim = request.expectation.claim
    guard knows(request, workload) else {
      let everywhere = Set(catalogue.workloads.flatMap(\.claims))
      let checkable = workload.claims + PlanCatalogue.commonClaims
      if everywhere.contains(claim) {
        let known = checkable.joined(separator: ", ")
        sink.report("workload \(workload.name) cannot check '\(claim)'; it can check \(known)", at: request.place)
      } else {
        sink.report(UnknownName.message("claim", claim, known: checkable), at: request.place)
      }
      return
    }
    if claim == "no-panic", request.enabled, !hasPanicPatterns {
      sink.report("no-panic needs system.panic: the patterns of log lines that it looks for", at: request.place)
    }
    if !request.enabled, !PlanCatalogue.commonClaims.contains(claim) {
      sink.report("only recovers and no-panic can be disabled; leave '\(claim)' out instead", at: request.place)
    }
  }

  private func complete(_ requests: [ClaimRequest], _ workload: Workload?, hasPanicPatterns: Bool) -> [ClaimExpectation]
  {
    var claims: [ClaimExpectation] = []
    var named: Set<String> = []
    for request in requests {
      if !named.insert(request.expectation.claim).inserted {
        sink.report("the claim '\(request.expectation.claim)' is there twice", at: request.place)
      } else if request.enabled {
        claims.append(request.expectation)
      }
    }
    if named.isSubset(of: PlanCatalogue.commonClaims) {
      let defaults = workload?.defaultClaims ?? []
      claims = defaults.map { ClaimExpectation(claim: $0, expect: .valid, line: nil) } + claims
    }
    for claim in PlanCatalogue.commonClaims where !named.contains(claim) {
      if claim == "no-panic", !hasPanicPatterns { continue }  // nothing to look for: it would hold of anything
      claims.append(ClaimExpectation(claim: claim, expect: .valid, line: nil))
    }
    return claims
  }
}

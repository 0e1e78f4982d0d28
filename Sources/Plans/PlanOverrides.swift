/// What the command line changes in a plan, as it was typed: decoded with the plan, in the same words.
public struct PlanOverrides: Codable, Sendable, Hashable {
  /// `--workload`. Another one than the plan's brings its own parameters, and its own claims where it can check none of
  /// the plan's.
  public var workload: String?
  /// `--faults`: see `FaultsArgument`.
  public var faults: String?
  /// `--keep-quorum`, `--no-keep-quorum`.
  public var keepQuorum: Bool?
  /// `--swarm`, `--no-swarm`.
  public var swarm: Bool?
  /// `--time`: the load phase, as `20s`.
  public var time: String?
  /// `--nodes`.
  public var nodes: String?
  /// `--concurrency`: `10` or `2n`.
  public var concurrency: String?
  /// `--rate`: `500` or `500/s`.
  public var rate: String?
  /// `--seed`.
  public var seed: String?
  /// `--set`, each `key=value`: parameters of the system.
  public var set: [String]
  /// `--claim`, each `NAME` or `WORKLOAD/NAME`: in place of the plan's claims.
  public var claims: [String]
  /// `--online`, `--no-online`.
  public var online: Bool?
  /// `--fail-fast`, `--no-fail-fast`.
  public var failFast: Bool?
  /// `--freeze`: how long, as `10m`. Means `--fail-fast` too.
  public var freeze: String?

  public init(
    workload: String? = nil, faults: String? = nil, keepQuorum: Bool? = nil, swarm: Bool? = nil,
    time: String? = nil, nodes: String? = nil, concurrency: String? = nil, rate: String? = nil, seed: String? = nil,
    set: [String] = [], claims: [String] = [],
    online: Bool? = nil, failFast: Bool? = nil, freeze: String? = nil
  ) {
    self.workload = workload
    self.faults = faults
    self.keepQuorum = keepQuorum
    self.swarm = swarm
    self.time = time
    self.nodes = nodes
    self.concurrency = concurrency
    self.rate = rate
    self.seed = seed
    self.set = set
    self.claims = claims
    self.online = online
    self.failFast = failFast
    self.freeze = freeze
  }
}

/// Proof, from the kernel or from a probe, that a fault took effect.
public struct FaultEvidence: Codable, Sendable, Hashable {
  /// Whether it took effect. False: it was injected, and nothing shows that it did anything.
  public var took: Bool
  /// For a person: `412 packets dropped on 12 links`, `n3: pid 17 ended by signal 9`.
  public var summary: String
  /// The numbers, by what was measured.
  public var detail: Value

  public init(took: Bool, summary: String, detail: Value) {
    self.took = took
    self.summary = summary
    self.detail = detail
  }
}

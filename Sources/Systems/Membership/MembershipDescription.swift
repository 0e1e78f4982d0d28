/// How a system is asked who its members are, and to add and remove one: `system.membership`.
///
/// The requests are operations as the workload's are, with the node asked as `node` and the node to be changed as
/// `target`. What they answer: `ok`, the change is made; `fail`, it certainly is not; else nobody knows.
public struct MembershipDescription: Sendable, Hashable {
  /// Read-only; its `ok` has the list of the members as its value.
  public var members: OperationDescription
  public var add: OperationDescription
  public var remove: OperationDescription
  /// What stands for a node in that list: a template over `target`.
  public var name: Template
  /// For one request, in seconds.
  public var timeoutSeconds: Double

  public init(
    members: OperationDescription, add: OperationDescription, remove: OperationDescription, name: Template,
    timeoutSeconds: Double
  ) {
    self.members = members
    self.add = add
    self.remove = remove
    self.name = name
    self.timeoutSeconds = timeoutSeconds
  }

  /// `{{ target.number }}`: members are listed by their numbers. Made of its parts, so that nothing can throw.
  public static let defaultName = Template(
    description: "{{ target.number }}",
    segments: [.expression(TemplateExpression(source: .target(.number), filters: [], column: 4))])
  /// Longer than most systems wait for their own majority, so that they say themselves that they do not know.
  public static let defaultTimeoutSeconds = 2.0
}

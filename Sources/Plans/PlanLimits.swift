/// What a plan may ask for at most. Beyond these a number is a slip of the finger, not a wish.
public enum PlanLimits {
  /// Of a plan's file, in bytes.
  public static let fileBytesMax = 1 << 20
  /// Scalars, lists and mappings of a plan, aliases counted as often as they are used.
  public static let yamlNodesMax = 50_000
  public static let nodesMax = 100
  /// Client threads.
  public static let concurrencyMax = 4096
  /// Operations a second.
  public static let rateMax = 1e6
  /// Of the load phase: a week, in seconds.
  public static let durationSecondsMax = 7 * 86_400.0
  /// Of a request, a probe, a grace period or the recovery phase, in seconds.
  public static let waitSecondsMax = 3600.0
  /// Of a freeze, in seconds: a day.
  public static let freezeSecondsMax = 86_400.0
  /// Length of a plan's name, which names folders.
  public static let nameLengthMax = 64
}

import ArgumentParser

/// The names of the protocol steps that a system can get wrong on purpose.
public protocol NamedBug: RawRepresentable, CaseIterable, Sendable where RawValue == String {}

/// A named bug, or `none`.
public struct PlantedBug<Bug: NamedBug>: ExpressibleByArgument, Sendable {
  /// nil for `none`.
  public let bug: Bug?

  /// What help lists.
  public static var allValueStrings: [String] { ["none"] + Bug.allCases.map(\.rawValue) }

  /// `none`, as a default value.
  public init() { bug = nil }

  /// nil for an unknown name.
  public init?(argument: String) {
    guard Self.allValueStrings.contains(argument) else { return nil }
    bug = Bug(rawValue: argument)
  }

  /// What help shows.
  public var defaultValueDescription: String { bug?.rawValue ?? "none" }
}

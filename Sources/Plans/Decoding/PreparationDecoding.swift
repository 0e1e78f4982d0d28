import Histories
import Systems

extension PlanDecoder {
  /// `files: [{path: conf/server.conf, content: "port {{ node.ports.http }}"}]`.
  func files(_ system: Fields?, _ context: TemplateContext) -> [FileDescription] {
    guard let node = system?.node("files") else { return [] }
    return sink.list(node, "a list of {path, content}").compactMap { file($0, context) }
  }

  private func file(_ node: YAMLNode, _ context: TemplateContext) -> FileDescription? {
    let fields = Fields(node, "a file", sink)
    let path = fields.required("path", "where it is to be, from the node's data directory")
      .flatMap { sink.template($0, context) }
    let content = fields.required("content", "its text, a template").flatMap { sink.template($0, context) }
    let mode = fields.node("mode").flatMap(mode)
    fields.finish()
    guard let path, let content else { return nil }
    return FileDescription(path: path, content: content, mode: mode ?? 0o644)
  }

  /// Permission bits as `chmod` takes them: `"0600"`, `755`.
  private func mode(_ node: YAMLNode) -> UInt32? {
    guard let text = sink.text(node, "permission bits such as \"0600\"") else { return nil }
    guard let mode = UInt32(text, radix: 8), mode <= 0o777 else {
      sink.report("expected permission bits from \"0000\" to \"0777\", not '\(text)'", at: node.mark)
      return nil
    }
    return mode
  }

  /// `setup: [{run: [initdb, -D, "{{ node.dataDir }}/db"], on: each, when: start}]`.
  func setup(_ system: Fields?, _ context: TemplateContext) -> [SetupStep] {
    guard let node = system?.node("setup") else { return [] }
    return sink.list(node, "a list of {run: […]}").map { step($0, context) }
  }

  /// Seconds that a step may take where the plan says nothing.
  private static var stepSeconds: Double { 30 }

  private func step(_ node: YAMLNode, _ context: TemplateContext) -> SetupStep {
    let fields = Fields(node, "a step of the setup", sink)
    let process = process(fields, "run", context)
    let place = fields.node("on").flatMap { node in
      sink.choice(node, "place", among: SetupStep.Place.allCases.map(\.rawValue)).flatMap(SetupStep.Place.init)
    }
    let moment = fields.node("when").flatMap { node in
      sink.choice(node, "moment", among: SetupStep.Moment.allCases.map(\.rawValue)).flatMap(SetupStep.Moment.init)
    }
    let timeout = fields.node("timeout").flatMap { sink.duration($0) }
    fields.finish()
    return SetupStep(
      process: process, moment: moment ?? .start, place: place ?? .each, timeoutSeconds: timeout ?? Self.stepSeconds)
  }
}

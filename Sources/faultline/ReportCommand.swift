import ArgumentParser
import Reports
import Runs

/// `faultline report RUN`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write report.html again from a run directory alone.")

  @Argument(help: ArgumentHelp("A run directory, such as store/latest.", valueName: "run"))
  var directory: String

  func run() throws {
    do {
      print(try HTMLReport.write(runDirectory: directory))
    } catch {
      StandardError.print("faultline: \(error)")
      throw ArgumentParser.ExitCode(Runs.ExitCode.usage)
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// What would likely make a model better, judged from how its training went.
///
/// A judgement and no proof: it goes by what is usual of recurrent networks on texts of the same size, and says so.
public struct TrainingAdvice: Equatable, Sendable {
  /// What is known at the end of a run.
  public struct Evidence: Equatable, Sendable {
    /// The held-out losses that were measured, nats a character, the first check first.
    public var heldOut: [Double]
    /// The finished model's loss on text that it was trained on, without dropout, nats a character.
    ///
    /// The training loss of a report will not do: it is taken with dropout and while the weights still change, which
    /// makes it larger than this, often larger than the held-out loss.
    public var learned: Double
    /// The lowest cost of the held-out text under an n-gram model; nil if none was fitted.
    public var bestNGram: Double?
    /// Characters that were trained on, each counted once.
    public var trainingCharacters: Int
    /// Trained parameters.
    public var parameters: Int
    /// How often the training text was read.
    public var passes: Double

    /// All that is known.
    public init(
      heldOut: [Double], learned: Double, bestNGram: Double?, trainingCharacters: Int, parameters: Int,
      passes: Double
    ) {
      self.heldOut = heldOut
      self.learned = learned
      self.bestNGram = bestNGram
      self.trainingCharacters = trainingCharacters
      self.parameters = parameters
      self.passes = passes
    }
  }

  /// What a run's end looks like.
  public enum Finding: Equatable, Sendable {
    /// The held-out loss rose for a while before the end: by so many nats.
    case rising(Double)
    /// The training text is known much better than other text.
    case memorizing
    /// An n-gram model that is fitted in a second still does better.
    case behindNGrams
    /// Both losses are close, and the text was read a few times only.
    case hurried
    /// Both losses are close although the text was read often: the network has no room for more.
    case small
    /// Neither.
    case balanced
    /// There is nothing to judge from.
    case unknown
  }

  /// What the run's end looks like.
  public let finding: Finding
  private let evidence: Evidence

  /// Judges.
  public init(_ evidence: Evidence) {
    self.evidence = evidence
    finding = Self.finding(evidence)
  }

  /// The held-out loss over the loss on learned text, as a part of the former.
  private static func gap(_ evidence: Evidence) -> Double {
    guard let last = evidence.heldOut.last, last > 0 else { return 0 }
    return (last - evidence.learned) / last
  }

  private static func finding(_ evidence: Evidence) -> Finding {
    guard let last = evidence.heldOut.last, last.isFinite, evidence.learned.isFinite else { return .unknown }
    let gap = gap(evidence)
    let rise = last - (evidence.heldOut.min() ?? last)
    if rise > 0.01 * last && gap > 0.05 { return .rising(rise) }
    if gap > 0.18 { return .memorizing }
    if let best = evidence.bestNGram, last > best { return .behindNGrams }
    if gap < 0.08 {
      // A pass or two teach little whatever the size; after that, what fits is fitted.
      return evidence.passes < 4 || evidence.parameters > evidence.trainingCharacters ? .hurried : .small
    }
    return .balanced
  }

  /// The judgement in one or two sentences; nil where there is nothing to say.
  public var sentences: String? {
    let last = evidence.heldOut.last ?? .nan
    let losses = "\(fixed(evidence.learned, 2)) nats on text it has learned, \(fixed(last, 2)) on other text"
    let perParameter = Double(evidence.trainingCharacters) / Double(max(evidence.parameters, 1))
    switch finding {
    case .rising(let rise):
      return
        "The held-out loss had been \(fixed(rise, 2)) nats lower and rose again: the model is learning its "
        + "text by heart. Fewer passes, more --dropout or more text would likely help; a bigger model would not."
    case .memorizing:
      return
        "The model knows its own text much better than other text (\(losses)). More text would likely help "
        + "most, then more --dropout; a bigger model or more time would likely not."
    case .behindNGrams:
      return "An n-gram model still does better: "
        + (evidence.passes < 4
          ? "more time would likely help most." : "more time or a bigger model would likely help.")
    case .hurried:
      return "The model does about as well on other text as on its own (\(losses)), after "
        + "\(Self.count(evidence.passes)): more time would likely help"
        + (perParameter > 4 ? ", and then a bigger model." : ".")
    case .small:
      return "The model does about as well on other text as on its own (\(losses)), after "
        + "\(Self.count(evidence.passes)): a bigger model would likely help most."
    case .balanced:
      return
        "The model has learned its text somewhat better than other text (\(losses)): more text would likely "
        + "help most, more time or a bigger model with more --dropout a little."
    case .unknown: return nil
    }
  }

  private static func count(_ passes: Double) -> String {
    let rounded = fixed(passes, passes < 3 && passes != passes.rounded() ? 1 : 0)
    return rounded == "1" || rounded == "1.0" ? "one pass" : "\(rounded) passes"
  }
}

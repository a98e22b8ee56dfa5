// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

extension Corpus {
  /// The texts as a run with `options` learns them: records made of lines and put into random order where the options
  /// say so.
  ///
  /// The order follows from the random seed and the number of records alone, so that a run that goes on finds it
  /// again. It is drawn before the end is held out: names in a sorted list, for one, end in other letters than they
  /// begin with.
  /// - Throws: `TextError` when there are no records or no memory for another order.
  public func prepared(for options: TrainingOptions) throws(TextError) -> Corpus {
    guard options.records else { return self }
    let records = try ofRecords()
    guard options.shuffle else { return records }
    var random = PhiloxGenerator(seed: options.seed, stream: RandomStream.recordOrder.rawValue)
    return try records.shufflingRecords { random.below($0) }
  }

  /// How many characters are trained on where `held` at the end are asked to be held out, at least two; of records as
  /// many as come nearest without cutting one.
  func trainingCount(holdingOut held: Int) -> Int {
    let split = max(ids.count - held, 2)
    guard beginnings.recordEnd != nil, split < ids.count else { return split }
    return beginnings.beginning(near: split, of: ids) ?? ids.count
  }
}

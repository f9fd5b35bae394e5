/// The lines a dialogue says around its questions. Every one has a default and may be set per agent.
public struct DialogueLines: Sendable, Equatable {
    /// Short words before the next question, used in turn.
    public var acknowledgements: [String] = ["Okay.", "Thank you.", "All right."]
    /// Before the first question, once the caller has asked for the flow.
    public var starting = "Sure."
    /// When nothing was understood and no question is open.
    public var notUnderstood = "Sorry, I didn't catch that. What can I do for you?"
    /// The second time in a row.
    public var notUnderstoodAgain = "I'm sorry, could you say that in other words?"
    /// After something that we do not do.
    public var howCanIHelp = "What can I do for you?"
    /// When it was understood but is nothing we do.
    public var outOfScope = "I'm afraid I can't help with that."
    /// After a "no" to the read-back.
    public var whatToChange = "No problem. What should I change?"
    /// When the read-back's answer was neither yes nor no.
    public var yesOrNo = "Sorry, is that right, yes or no?"
    /// After too many misunderstandings, before `offerPerson`.
    public var givingUp = "I'm sorry, I'm having trouble understanding you."
    public var offerPerson = "Shall I put you through to a person?"
    /// When the handoff was refused.
    public var personUnavailable = "I'm sorry, nobody is free to take your call right now."
    /// When a tool failed.
    public var toolTrouble = "I'm sorry, I can't reach our system just now."
    /// While a tool is still running.
    public var oneMoment = "One moment please, I'm still on it."
    /// When a tool takes longer than `DialogueLimits.fillerAfter`; empty: nothing.
    public var filler = "Let me check that for you."
    /// After part of a number, when the rest is still to come.
    public var goOn = "Yes, go on."
    /// When the caller asks for time.
    public var takeYourTime = "Of course, take your time."
    /// When the caller gives the flow up.
    public var cancelled = "All right, I won't go on with that."
    public var anythingElse = "Is there anything else I can do for you?"
    /// When the caller says yes to `anythingElse`.
    public var whatElse = "Sure. What can I do for you?"
    /// When a committed booking is to be changed.
    public var alreadyDone = "That is already settled, and only a colleague can change it."

    public init() {}
}

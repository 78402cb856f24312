"""The work itself: prompts, completions, tasks for people, and their answers."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from annotation.people.models import User, Withdrawal, WithdrawalKind
from annotation.projects.models import GuidelineVersion, Project, Protocol, ProtocolVersion
from annotation.projects.permissions import projects_where

# Before everything that a queue can hold: see QueuePlace.
FIRST_RANK, FIRST_KEY = -(2**31), -(2**63)


class Split(models.TextChoices):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class PromptGroup(models.Model):
    """What must stay on one side of a split: a conversation tree, or all prompts with the same first human turn."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    # Stored once, never changed: a row that migrates between splits leaks.
    split = models.CharField(max_length=10, choices=Split.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="one_group_per_key")]


class PromptQuerySet(models.QuerySet["Prompt"]):
    def visible_to(self, user: User) -> PromptQuerySet:
        """Return prompts of the person's projects; one that was withdrawn is nobody's to read."""
        return self.filter(project__in=projects_where(user, "view_prompts"), withdrawal=None)


IN_CLUSTER = Q(cluster_id__isnull=False)


class Prompt(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="prompts")
    group = models.ForeignKey(PromptGroup, on_delete=models.PROTECT, related_name="prompts")
    messages = models.JSONField(help_text="The conversation so far: a list of {role, content}.")
    messages_sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=16, blank=True, default="")
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    source_kind = models.CharField(max_length=10, default="person")
    source_label = models.CharField(max_length=200, blank=True, default="")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # The lowest id among the prompts that open nearly alike, this one included; empty for one that has no such
    # neighbour or has not been looked at yet. Written by the search for near-duplicates alone, and only read elsewhere.
    cluster_id = models.BigIntegerField(null=True)
    withdrawal = models.ForeignKey(Withdrawal, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    objects = PromptQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "messages_sha256"], name="one_prompt_per_text")]
        indexes = [
            # Only prompts in a cluster are in it.
            models.Index(fields=["project", "cluster_id", "id"], name="prompt_clusters", condition=IN_CLUSTER),
            models.Index(fields=["withdrawal"], condition=Q(withdrawal__isnull=False), name="prompts_withdrawn"),
        ]


class PromptSketch(models.Model):
    """What the search for near-duplicates keeps of a prompt: a MinHash digest of its first human turn.

    Digests made with another `recipe` cannot be compared with it, and are made anew.
    """

    prompt = models.OneToOneField(Prompt, primary_key=True, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    recipe = models.PositiveIntegerField()
    digest = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["project", "recipe"], name="sketches_of_a_project")]


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User) -> DocumentQuerySet:
        return self.filter(project__in=projects_where(user, "view_prompts"))


class Document(models.Model):
    """A text to learn language from. Nobody is asked anything about it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="documents")
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    # Follows from the text, and is stored once, like a prompt's.
    split = models.CharField(max_length=10, choices=Split.choices)
    language = models.CharField(max_length=16, blank=True, default="")
    source_label = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "text_sha256"], name="one_document_per_text")]


class Source(models.TextChoices):
    PERSON = "person"
    MODEL = "model"
    IMPORT = "import"


class CompletionQuerySet(models.QuerySet["Completion"]):
    def visible_to(self, user: User) -> CompletionQuerySet:
        return self.filter(prompt__project__in=projects_where(user, "view_prompts"), withdrawal=None)


class Completion(models.Model):
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="completions")
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    # Origin as plain text: the rooms that know models stand above this one. Hidden from annotators everywhere.
    source_kind = models.CharField(max_length=10, choices=Source.choices)
    source_label = models.CharField(max_length=200, blank=True, default="")
    model_sha256 = models.CharField(max_length=64, blank=True, default="")
    # Who wrote it here, if a person did: nobody is asked to judge their own text.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawal = models.ForeignKey(Withdrawal, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    objects = CompletionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "text_sha256", "source_kind", "source_label"],
                name="one_completion_per_text_and_source",
            )
        ]
        indexes = [
            models.Index(fields=["withdrawal"], condition=Q(withdrawal__isnull=False), name="completions_withdrawn"),
        ]


class TaskState(models.TextChoices):
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Purpose(models.TextChoices):
    WORK = "work"
    GOLD = "gold"
    SCREENING = "screening"
    CALIBRATION = "calibration"


TO_COMPARE = Q(answers_count__gt=1) & ~Q(answers_count=F("compared_answers"))


class TaskQuerySet(models.QuerySet["Task"]):
    def to_compare(self) -> TaskQuerySet:
        """Leave what has several answers that nobody has compared in their present form."""
        return self.filter(TO_COMPARE)

    def visible_to(self, user: User) -> TaskQuerySet:
        return self.filter(protocol__project__in=projects_where(user, "view_prompts"), prompt__withdrawal=None)


class Task(models.Model):
    """Work for a person. Higher rooms steer the queue by these columns alone."""

    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="tasks", db_index=False)
    # Empty where the work is to write a prompt: `brief` says then what for.
    prompt = models.ForeignKey(Prompt, null=True, on_delete=models.CASCADE, related_name="tasks")
    brief = models.JSONField(default=dict, help_text="{style, text, use_case} of a prompt to be written.")
    completions = models.ManyToManyField(Completion, through="TaskCompletion", related_name="tasks")
    # sha256 over protocol, prompt and completions: the same work is opened once.
    content_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=TaskState.choices, default=TaskState.OPEN)
    required_answers = models.PositiveSmallIntegerField()
    answers_count = models.PositiveIntegerField(default=0)
    claims_count = models.PositiveSmallIntegerField(default=0, help_text="Claims in flight.")
    # How many of its answers have been compared with each other. Unlike answers_count: they are to be, (again).
    compared_answers = models.PositiveIntegerField(default=0, db_default=0)
    priority = models.SmallIntegerField(default=0)
    queue_key = models.BigIntegerField(default=0)
    purpose = models.CharField(max_length=11, choices=Purpose.choices, default=Purpose.WORK)
    # Copied from prompt and completions when the task opens, so that a claim reads one row: see NEXT_TASK.
    language = models.CharField(max_length=16, blank=True, default="")
    authors = ArrayField(models.BigIntegerField(), default=list, help_text="Whose texts these are: not for them.")
    team = models.CharField(max_length=60, blank=True, default="", help_text="Only for this team.")
    assigned_to = ArrayField(models.BigIntegerField(), null=True, help_text="Only for these people; empty: for all.")
    # The answer from which a follow-up rule made this task.
    follows = models.ForeignKey(
        "Answer", null=True, on_delete=models.SET_NULL, related_name="followed_by", db_index=False
    )
    selection = models.JSONField(default=dict, help_text="{policy, p}: why and how likely this task was chosen.")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["protocol", "content_sha256"], name="one_task_per_content"),
            models.CheckConstraint(condition=Q(required_answers__gte=1), name="task_requires_an_answer"),
        ]
        indexes = [
            # The claim walks this index from its head: only tasks that still want an answer are in it. Those for which
            # enough people sit already are passed over in the walk: they are few, and a claim that changed what an
            # index depends on would write its task into all of them.
            models.Index(
                F("protocol"),
                F("purpose"),
                # Negated rather than descending, so that a place in the queue is one row comparison.
                -F("priority"),
                F("queue_key"),
                F("id"),
                name="task_queue",
                condition=Q(state="open", answers_count__lt=F("required_answers")),
            ),
            # Of few tasks, and each claim writes its task anew into every index that it is in.
            models.Index(fields=["follows"], condition=Q(follows__isnull=False), name="tasks_that_follow"),
            # Only tasks that wait for their answers to be compared are in it.
            models.Index(fields=["id"], name="tasks_to_compare", condition=TO_COMPARE),
            # For lists: what is open is found in the queue, and only the end of a task costs this index a row.
            models.Index(fields=["protocol", "state", "id"], name="tasks_ended", condition=~Q(state="open")),
        ]


class Tally(models.Model):
    """A change of how many tasks a protocol has, in one language; what it has is the sum of its rows.

    The database writes them by triggers (migration 0003), as it keeps an index: whoever writes a task, singly or by
    the thousand, adds a row in the same transaction and waits for nobody, as one counter a protocol would make all
    that submit wait. `fold_tallies` sums them up, so there are few to read, however many tasks there are.
    """

    # Without a constraint: when a project goes, its tasks write their last rows while their protocol goes too.
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    language = models.CharField(max_length=16)
    open = models.IntegerField()
    done = models.IntegerField()
    missing = models.BigIntegerField(help_text="Answers that open tasks still want.")


class ProjectCount(models.Model):
    """What a large project's overview shows, counted some time ago: small ones are counted when they are looked at."""

    project = models.OneToOneField(Project, primary_key=True, on_delete=models.CASCADE, related_name="+")
    counts = models.JSONField()
    counted_at = models.DateTimeField()
    cost_seconds = models.FloatField()
    # When a worker was last asked to count anew.
    hinted_at = models.DateTimeField(null=True)


class QueuePlace(models.Model):
    """How far one person has come in one lane of a protocol's queue, and how much they have answered there.

    Nothing for them waits before the place, so that a claim need not walk past all that they have answered. Whoever
    brings a task (back) into the queue pulls the places behind it back to it; a claim that finds nothing looks
    through the whole queue once more, so a place that is wrong costs order and time, never work.
    """

    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="+", db_index=False)
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=11, choices=Purpose.choices)
    # The place, in the queue's own order: the priority negated, the key, the task.
    rank = models.IntegerField(db_default=FIRST_RANK)
    queue_key = models.BigIntegerField(db_default=FIRST_KEY)
    task = models.BigIntegerField(db_default=0)
    # Where the last claim was made. The place follows one claim behind: a task that somebody else held locked just
    # when this person walked past is met once more.
    last_rank = models.IntegerField(db_default=FIRST_RANK)
    last_queue_key = models.BigIntegerField(db_default=FIRST_KEY)
    last_task = models.BigIntegerField(db_default=0)
    # For whom the queue was walked (languages and team): somebody else's place is no use.
    walked_as = models.CharField(max_length=64, blank=True, db_default="")
    answers = models.PositiveIntegerField(db_default=0)
    day = models.DateField(null=True)
    answers_on_day = models.PositiveIntegerField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["protocol", "annotator", "purpose"], name="one_place_per_person_and_lane")
        ]


class TaskCompletion(models.Model):
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="task_completions", db_index=False)
    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "completion"], name="completion_once_per_task"),
            models.UniqueConstraint(fields=["task", "position"], name="position_once_per_task"),
        ]


class AnswerState(models.TextChoices):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    # Back with its author, with a reason; it still counts until it is handed in again.
    RETURNED = "returned"
    # Taken out by a reviewer: in no count, agreement or release.
    STRUCK = "struck"


# Its present form has not been followed, or nothing may follow from it any more: see the room followups.
TO_FOLLOW = Q(
    followed_revision__lt=F("revision"), is_spare=False, state__in=["submitted", "accepted"], source_kind="person"
)
TO_TAKE_BACK = Q(followed_revision__gt=0) & (Q(state="struck") | Q(is_spare=True))


class AnswerQuerySet(models.QuerySet["Answer"]):
    def to_follow(self) -> AnswerQuerySet:
        """Leave finished answers whose present form nobody has followed, whether or not anything is to follow them."""
        return self.filter(TO_FOLLOW)

    def to_take_back(self) -> AnswerQuerySet:
        """Leave answers that have been followed and do not count any more."""
        return self.filter(TO_TAKE_BACK)

    def standing(self) -> AnswerQuerySet:
        """Leave out what a reviewer has struck."""
        return self.exclude(state=AnswerState.STRUCK)

    def with_words(self) -> AnswerQuerySet:
        """Leave out what is hidden, for searches: that something is found would tell what it says."""
        return self.filter(Q(withdrawal=None) | Q(withdrawal__kind=WithdrawalKind.STRIKE))

    def visible_to(self, user: User) -> AnswerQuerySet:
        return self.filter(Q(task__protocol__project__in=projects_where(user, "view_answers")) | Q(annotator=user))


class Answer(models.Model):
    """The current state of one person's work on one task; its history is in AnswerRevision.

    Here as on claims and revisions a foreign key has an index of its own only where something is sought by it and no
    other index begins with it: each is paid for with every answer.
    """

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="answers", db_index=False)
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="answers", db_index=False
    )
    payload = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    # Beyond the overlap: kept, but outside overlap, aggregation and default selections.
    is_spare = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=AnswerState.choices, default=AnswerState.SUBMITTED)
    review_note = models.TextField(blank=True, default="", help_text="The reviewer's reason, for its author.")
    # Set by the first release that holds it: from then on its author cannot reopen it.
    frozen_at = models.DateTimeField(null=True)
    # The form from which the next task was made; 0 for none. The room followups brings it up to `revision`.
    followed_revision = models.PositiveIntegerField(default=0, db_default=0)
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="+")
    guideline_version = models.ForeignKey(
        GuidelineVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    shown_order = ArrayField(models.BigIntegerField(), default=list, help_text="Completion ids in the order shown.")
    seconds = models.FloatField(null=True, help_text="Active seconds; unknown for imported answers.")
    step_seconds = models.JSONField(default=dict, help_text="Active seconds by step of the protocol.")
    # How the text came about: {pastes: [{characters, at_seconds}]}. Evidence, never an accusation.
    evidence = models.JSONField(default=dict)
    selection = models.JSONField(default=dict)
    source_kind = models.CharField(max_length=10, default="person")
    # Taken back by its author or with its prompt: struck for good, and in no page.
    withdrawal = models.ForeignKey(Withdrawal, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    submitted_at = models.DateTimeField()

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "annotator"], name="one_answer_per_person_and_task")]
        indexes = [
            models.Index(fields=["annotator", "-submitted_at"], name="answers_of_a_person"),
            models.Index(fields=["annotator"], condition=Q(state="returned"), name="answers_returned_to_a_person"),
            models.Index(fields=["protocol_version"], condition=TO_FOLLOW, name="answers_to_follow"),
            models.Index(fields=["id"], condition=TO_TAKE_BACK, name="answers_to_take_back"),
            models.Index(fields=["withdrawal"], condition=Q(withdrawal__isnull=False), name="answers_withdrawn"),
            models.Index(
                fields=["guideline_version"], condition=Q(guideline_version__isnull=False), name="answers_by_guideline"
            ),
        ]

    @property
    def is_hidden(self) -> bool:
        """Whether its words were taken back, so that nobody is shown them. Costs a query where that is not loaded."""
        return self.withdrawal is not None and self.withdrawal.hides_texts


class AnswerRevision(models.Model):
    """Append-only. Releases and lineage pin these rows."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()
    payload = models.JSONField()
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    guideline_version = models.ForeignKey(
        GuidelineVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    shown_order = ArrayField(models.BigIntegerField(), default=list)
    seconds = models.FloatField(null=True)
    step_seconds = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "number"], name="one_revision_per_number")]
        indexes = [models.Index(fields=["created_at"], name="revisions_by_time")]

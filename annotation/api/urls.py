"""Every address under /api/. Each resource's file says what its addresses do."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from annotation.api import invitations, people, projects, prompts, tasks, work

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("session/", people.Session.as_view()),
    path("me/", people.Me.as_view()),
    path("me/password/", people.Password.as_view()),
    path("sign-in-links/redeem/", people.RedeemSignInLink.as_view()),
    path("tokens/", people.Tokens.as_view()),
    path("tokens/<uuid:pk>/", people.Token.as_view()),
    path("people/", people.People.as_view()),
    path("people/<int:pk>/", people.Person.as_view()),
    path("people/<int:pk>/reset-link/", people.ResetLink.as_view()),
    path("invitations/<str:token>/", invitations.InvitationPage.as_view()),
    path("invitations/<str:token>/accept/", invitations.AcceptInvitation.as_view()),
    path("projects/", projects.Projects.as_view()),
    path("projects/<int:project>/", projects.ProjectDetail.as_view()),
    path("projects/<int:project>/progress/", projects.Progress.as_view()),
    path("projects/<int:project>/members/", projects.Members.as_view()),
    path("projects/<int:project>/members/<int:pk>/", projects.Member.as_view()),
    path("projects/<int:project>/invitations/", invitations.Invitations.as_view()),
    path("projects/<int:project>/invitations/<int:pk>/", invitations.InvitationDetail.as_view()),
    path("projects/<int:project>/protocols/", projects.Protocols.as_view()),
    path("projects/<int:project>/protocols/<int:pk>/", projects.ProtocolDetail.as_view()),
    path("projects/<int:project>/protocols/<int:pk>/guidelines/", projects.Guidelines.as_view()),
    path("projects/<int:project>/prompts/", prompts.Prompts.as_view()),
    path("projects/<int:project>/prompts/<int:pk>/", prompts.PromptDetail.as_view()),
    path("projects/<int:project>/tasks/", tasks.Tasks.as_view()),
    path("projects/<int:project>/tasks/<int:pk>/cancel/", tasks.CancelTask.as_view()),
    path("projects/<int:project>/answers/", tasks.Answers.as_view()),
    path("projects/<int:project>/answers/<int:pk>/", tasks.AnswerDetail.as_view()),
    path("work/", work.Work.as_view()),
    path("work/answers/", work.MyAnswers.as_view()),
    path("work/claims/", work.Claims.as_view()),
    path("work/claims/<uuid:pk>/", work.ClaimDetail.as_view()),
    path("work/claims/<uuid:pk>/shown/", work.ShowClaim.as_view()),
    path("work/claims/<uuid:pk>/heartbeat/", work.Heartbeat.as_view()),
    path("work/claims/<uuid:pk>/draft/", work.Draft.as_view()),
    path("work/claims/<uuid:pk>/submit/", work.Submit.as_view()),
    path("work/claims/<uuid:pk>/skip/", work.Skip.as_view()),
    path("work/claims/<uuid:pk>/release/", work.Release.as_view()),
]

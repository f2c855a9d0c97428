"""Routes of accounts (rest.md §2 and §3)."""

from accounts.api import auth, users
from whaticket.routing import route

urlpatterns = [
    route("auth/signup", auth.Signup.as_view()),
    route("auth/login", auth.Login.as_view()),
    route("auth/refresh_token", auth.Refresh.as_view()),
    route("auth/disconnect-other-sessions", auth.DisconnectOthers.as_view()),
    route("auth/logout", auth.Logout.as_view()),
    route("auth/me", auth.Me.as_view()),
    route("auth/password-recovery", auth.PasswordRecovery.as_view()),
    route("auth/reset-password", auth.ResetPassword.as_view()),
    route("users", users.Users.as_view()),
    route("users/list", users.UserList.as_view()),
    route("users/toggleChangeWidht/<id:user_id>", users.PaneWidth.as_view()),
    route("users/<id:user_id>", users.OneUser.as_view()),
    route("users/<id:user_id>/media-upload", users.Picture.as_view()),
    route("public/company<id:company_id>/user/<str:name>", users.PictureFile.as_view()),
    route("api/users/<str:email>", users.UserByEmail.as_view()),
]

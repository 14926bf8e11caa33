"""What the resources of other platforms share: who may use them."""

from typing import Final

from api.http.auth import roles

ADMINISTRATORS: Final = roles("admin_system")

"""The usual way, for scale: SQLAlchemy's ORM, Pydantic models, FastAPI on uvicorn.

It runs in an environment of its own (`requirements.lock`).
"""

import os
from collections.abc import AsyncIterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_pascal
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, load_only, mapped_column, relationship
from sqlalchemy.orm import selectinload as with_related

engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1),
    pool_size=int(os.environ["POOL_SIZE"]),
    max_overflow=0,
)
new_session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    """The tables."""


class Building(Base):
    __tablename__ = "building"
    __table_args__ = {"schema": "rentals"}

    id: Mapped[int] = mapped_column(primary_key=True)
    company_no: Mapped[int]
    division_no: Mapped[int]
    building_code: Mapped[str]
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(deferred=True)
    civic_no_and_street: Mapped[str]
    city: Mapped[str]
    province: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str | None]
    construction_year: Mapped[int | None]
    number_of_floors: Mapped[int | None]
    number_of_units: Mapped[int]
    manager_name: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    heating_type: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    municipal_evaluation: Mapped[Decimal | None]
    acquisition_date: Mapped[date | None]
    active: Mapped[bool]
    modified_at: Mapped[datetime]
    units: Mapped[list["Unit"]] = relationship(order_by="Unit.id")


class Unit(Base):
    __tablename__ = "unit"
    __table_args__ = {"schema": "rentals"}

    company_no: Mapped[int]
    division_no: Mapped[int]
    building_code: Mapped[str]
    unit_code: Mapped[str]
    occupancy_status: Mapped[str]
    housing_type: Mapped[str | None]
    number_of_rooms: Mapped[Decimal | None]
    id: Mapped[int] = mapped_column(primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("rentals.building.id"))
    floor: Mapped[int | None]
    area: Mapped[Decimal | None]
    base_rent: Mapped[Decimal | None]
    heated: Mapped[bool]
    electricity_included: Mapped[bool]
    furnished: Mapped[bool]
    pets_allowed: Mapped[bool]
    appliances: Mapped[str | None]
    description: Mapped[str | None]
    active: Mapped[bool]
    modified_at: Mapped[datetime]


class Tenant(Base):
    __tablename__ = "tenant"
    __table_args__ = {"schema": "rentals"}

    company_no: Mapped[int]
    division_no: Mapped[int]
    tenant_type: Mapped[str]
    tenant_no: Mapped[Decimal]
    building_code: Mapped[str | None]
    unit_code: Mapped[str | None]
    last_name: Mapped[str]
    first_name: Mapped[str | None]
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    mobile_phone: Mapped[str | None]
    language: Mapped[str | None]
    birth_date: Mapped[date | None]
    lease_start_date: Mapped[date]
    lease_end_date: Mapped[date]
    lease_renewable: Mapped[bool]
    signed_date: Mapped[date | None]
    rent: Mapped[Decimal]
    current_rent: Mapped[Decimal]
    departure_date: Mapped[date | None]
    balance: Mapped[Decimal]
    active: Mapped[bool]
    modified_at: Mapped[datetime]


class Out(BaseModel):
    """What is answered: names as OData has them."""

    model_config = ConfigDict(
        from_attributes=True, alias_generator=to_pascal, validate_by_name=True
    )


class BuildingNameOut(Out):
    id: int
    company_no: int
    division_no: int
    building_code: str
    name: str


class BuildingOut(BuildingNameOut):
    civic_no_and_street: str
    city: str
    province: str | None
    postal_code: str | None
    country: str | None
    construction_year: int | None
    number_of_floors: int | None
    number_of_units: int
    manager_name: str | None
    phone: str | None
    email: str | None
    heating_type: str | None
    latitude: float | None
    longitude: float | None
    municipal_evaluation: Decimal | None
    acquisition_date: date | None
    active: bool
    modified_at: datetime


class UnitOut(Out):
    company_no: int
    division_no: int
    building_code: str
    unit_code: str
    occupancy_status: str
    housing_type: str | None
    number_of_rooms: Decimal | None
    id: int
    building_id: int
    floor: int | None
    area: Decimal | None
    base_rent: Decimal | None
    heated: bool
    electricity_included: bool
    furnished: bool
    pets_allowed: bool
    appliances: str | None
    description: str | None
    active: bool
    modified_at: datetime


class BuildingWithUnitsOut(BuildingOut):
    units: list[UnitOut]


class TenantOut(Out):
    company_no: int
    division_no: int
    tenant_type: str
    tenant_no: Decimal
    building_code: str | None
    unit_code: str | None
    last_name: str
    first_name: str | None
    id: int
    unit_id: int | None
    email: str | None
    phone: str | None
    mobile_phone: str | None
    language: str | None
    birth_date: date | None
    lease_start_date: date
    lease_end_date: date
    lease_renewable: bool
    signed_date: date | None
    rent: Decimal
    current_rent: Decimal
    departure_date: date | None
    balance: Decimal
    active: bool
    modified_at: datetime


async def session() -> AsyncIterator[AsyncSession]:
    async with new_session() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


@app.get("/buildings/names")
async def names(session: Session) -> list[BuildingNameOut]:
    wanted = load_only(
        Building.company_no, Building.division_no, Building.building_code, Building.name
    )
    return (await session.scalars(select(Building).options(wanted).order_by(Building.id))).all()


@app.get("/buildings")
async def buildings(session: Session) -> list[BuildingOut]:
    order = (Building.company_no, Building.division_no, Building.name_key, Building.id)
    return (await session.scalars(select(Building).order_by(*order))).all()


@app.get("/buildings/units")
async def buildings_with_units(
    session: Session, limit: int | None = None
) -> list[BuildingWithUnitsOut]:
    found = select(Building).options(with_related(Building.units)).order_by(Building.id)
    return (await session.scalars(found.limit(limit))).all()


@app.get("/units")
async def units(
    session: Session, company_no: int, division_no: int, building_code: str
) -> list[UnitOut]:
    found = select(Unit).where(
        Unit.company_no == company_no,
        Unit.division_no == division_no,
        Unit.building_code == building_code,
    )
    return (await session.scalars(found.order_by(Unit.id))).all()


@app.get("/tenants")
async def tenants(session: Session, limit: int) -> list[TenantOut]:
    return (await session.scalars(select(Tenant).order_by(Tenant.id).limit(limit))).all()
